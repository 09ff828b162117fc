import * as tf from '@tensorflow/tfjs';
import { inLanes, type Lane, laneOf } from './lanes.js';
import { dropout } from '../ops/dropout.js';
import { startEngine } from '../native/start.js';
import { Step } from './step.js';

beforeAll(() => startEngine({ threads: 2, device: 'cpu' }));

// Two members of three examples, two tokens each.
const ids = () =>
  tf.tensor2d(
    Array.from({ length: 12 }, (_, i) => i),
    [6, 2],
  );

it('gives every lane its rows of every member, and puts the results back in their order', () => {
  tf.tidy(() => {
    const seen: number[][] = [];
    const result = inLanes({ ids: ids(), flat: tf.reshape(ids(), [12]) }, 2, (part, lane) => {
      seen.push(Array.from(part['flat']!.dataSync()), [lane.from, lane.to, lane.of]);
      expect(Array.from(part['ids']!.dataSync())).toEqual(Array.from(part['flat']!.dataSync()));
      return tf.mul(part['ids']!, 10);
    });
    expect(seen).toEqual([
      [0, 1, 2, 3, 6, 7, 8, 9],
      [0, 2, 3],
      [4, 5, 10, 11],
      [2, 3, 3],
    ]);
    expect(result.shape).toEqual([6, 2]);
    expect(Array.from(result.dataSync())).toEqual(Array.from({ length: 12 }, (_, i) => i * 10));
  });
});

it('computes a batch of one row whole', () => {
  tf.tidy(() => {
    const lanes: Lane[] = [];
    inLanes({ ids: tf.zeros([2, 4]) }, 2, (part, lane) => {
      lanes.push(lane);
      return part['ids']!;
    });
    expect(lanes).toEqual([{ from: 0, to: 1, of: 1 }]);
  });
});

it.each([1, 2, 3])('drops the same values in %i lanes as in a batch computed whole', (count) => {
  tf.tidy(() => {
    const seeds = tf.tensor2d([7, 1, 8, 1], [2, 2], 'int32');
    const x = tf.ones([2 * 3 * 5, 4]); // five tokens an example
    const whole = dropout(x, 0.5, { seeds }, 3);
    const parts = inLanes(
      { rows: tf.zeros([6, 1]), x },
      2,
      (part, lane) => dropout(part['x']!, 0.5, { seeds, lane }, 3),
      count,
    );
    expect(Array.from(parts.dataSync())).toEqual(Array.from(whole.dataSync()));
  });
});

it('has gradients, traced as op by op, equal to those of the whole batch', () => {
  const w = tf.tensor2d([0.5, -1, 2, 0.25], [2, 2]);
  const x = tf.reshape(ids(), [6, 2]) as tf.Tensor2D;
  const gradientIn = (lanes: number) =>
    new Step(
      `gradient in ${lanes}`,
      ({ state, batch }) => {
        const loss = (w: tf.Tensor) =>
          tf.sum(
            inLanes(batch, 2, ({ x }) => tf.square(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D)), lanes),
          );
        return { state: {}, outputs: { gradient: tf.grad(loss)(state['w']!) } };
      },
      { xla: false },
    ).run({ frozen: {}, constants: {}, state: { w }, batch: { x }, scalars: {} }).outputs['gradient']!;
  const [whole, parted] = [gradientIn(1), gradientIn(2)].map((t) => Array.from(t.dataSync()));
  expect(parted).toEqual(whole); // small whole numbers: exact
});

it('takes a part of what a row became', () => {
  const t = tf.tensor1d([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(Array.from(laneOf(t, 2, { from: 1, to: 2, of: 2 }).dataSync())).toEqual([2, 3, 6, 7]);
});
