import * as tf from '@tensorflow/tfjs';
import { inLanes } from '../step/lanes.js';
import { startEngine } from '../native/start.js';
import { Step } from '../step/step.js';
import { dropout } from './dropout.js';
import { randomBits } from './random.js';

tf.env().set('PROD', true); // else tfjs's JavaScript backend advertises the native one

const seed = (...numbers: number[]) => tf.tensor1d(numbers, 'int32');
const drawn = (shape: number[], s: tf.Tensor1D, site: number, from = 0) =>
  Array.from(randomBits(shape, s, site, from).dataSync());

describe.each(['cpu', 'tensorflow'])('on %s', (backend) => {
  beforeAll(async () => {
    await startEngine({ threads: 2, device: 'cpu' });
    await tf.setBackend(backend);
  });

  it('draws the same again, and other numbers for another seed, step or site', () => {
    const once = drawn([2, 3], seed(7, 1), 0);
    expect(drawn([2, 3], seed(7, 1), 0)).toEqual(once);
    for (const [s, site] of [
      [seed(8, 1), 0],
      [seed(7, 2), 0],
      [seed(7, 1), 1],
    ] as const) {
      const other = drawn([2, 3], s, site);
      expect(other.some((v) => once.includes(v))).toBe(false);
    }
  });

  it('is uniform', () => {
    const values = drawn([20_000], seed(-3, 5), 2).map((bits) => (bits + 2 ** 31) / 2 ** 32);
    const mean = values.reduce((a, b) => a + b) / values.length;
    const square = values.reduce((a, b) => a + b * b, 0) / values.length;
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(mean).toBeCloseTo(1 / 2, 1.5);
    expect(square).toBeCloseTo(1 / 3, 1.5);
  });

  it.each([0, 4, 7, 12])('draws a part as it is in the whole, from %i on', (from) => {
    expect(drawn([2, 3], seed(7, 1), 1, from)).toEqual(drawn([40], seed(7, 1), 1).slice(from, from + 6));
  });

  it('drops in lanes what it drops in the batch', () => {
    const seeds = tf.tensor2d([7, 1, 8, 1], [2, 2], 'int32');
    const x = tf.ones([2 * 5, 3, 7]); // two members, five rows of 21 numbers
    const lanes = inLanes({ x }, 2, ({ x }, lane) => dropout(x!, 0.3, { seeds, lane }, 3), 2);
    expect(Array.from(lanes.dataSync())).toEqual(Array.from(dropout(x, 0.3, { seeds }, 3).dataSync()));
  });

  it('drops a member alike in a gang and alone, and keeps the mean', () => {
    const seeds = tf.tensor2d([7, 1, 8, 1], [2, 2], 'int32');
    const x = tf.ones([2, 5000]);
    const both = dropout(x, 0.25, { seeds }, 3);
    const alone = dropout(tf.ones([1, 5000]), 0.25, { seeds: tf.tensor2d([8, 1], [1, 2], 'int32') }, 3);
    expect(Array.from(tf.slice(both, [1, 0], [1, 5000]).dataSync())).toEqual(Array.from(alone.dataSync()));
    expect(tf.mean(both).dataSync()[0]).toBeCloseTo(1, 1.5);
    expect(new Set(both.dataSync())).toEqual(new Set([0, Math.fround(4 / 3)]));
    expect(dropout(x, 0, { seeds }, 3)).toBe(x);
  });

  it('lets gradients through where values were kept', () => {
    const seeds = tf.tensor2d([7, 1], [1, 2], 'int32');
    const x = tf.ones([1, 50]);
    const gradient = tf.grad((x) => tf.sum(dropout(x, 0.5, { seeds }, 0)))(x);
    expect(Array.from(gradient.dataSync())).toEqual(Array.from(dropout(x, 0.5, { seeds }, 0).dataSync()));
  });
});

it.each([true, false])(
  'draws in a traced step what it draws outside, anew for every seed (xla: %s)',
  async (xla) => {
    await startEngine({ threads: 2, device: 'cpu' });
    await tf.setBackend('tensorflow');
    const step = new Step(
      'draw',
      ({ scalars }) => ({ state: {}, outputs: { u: randomBits([4, 5], scalars['seed'] as tf.Tensor1D, 2) } }),
      { xla },
    );
    const run = (s: tf.Tensor1D) => {
      const { outputs } = step.run({ frozen: {}, constants: {}, state: {}, batch: {}, scalars: { seed: s } });
      return Array.from(outputs['u']!.dataSync());
    };
    for (const s of [seed(1, 1), seed(1, 2), seed(-5, 9)]) expect(run(s)).toEqual(drawn([4, 5], s, 2));
    expect(step.signatures).toBe(1);
    step.dispose();
  },
);

it('leaves no tensor behind', async () => {
  await tf.setBackend('tensorflow');
  const s = seed(1, 2);
  const before = tf.memory().numTensors;
  tf.tidy(() => void drawn([3], s, 1));
  expect(tf.memory().numTensors).toBe(before);
});
