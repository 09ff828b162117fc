import * as tf from '@tensorflow/tfjs';
import { startEngine } from '#engine/native/start.js';
import { Step } from '#engine/step/step.js';
import {
  batchOf,
  fixtureFolder,
  gap,
  gradientGaps,
  promptInFront,
  readFixture,
  type Reference,
} from '../fixtures/reference.js';
import { loadModel } from '../load-model.js';
import type { TokenBatch, Weights } from '../batch.js';
import type { EncoderModel } from '../model.js';

const expected = readFixture<Reference & { pooled: number[] }>('bert/expected.json');

describe.each(['cpu', 'tensorflow'])('BERT on the %s backend', (backend) => {
  let model: EncoderModel;
  let batch: TokenBatch;
  const pooled = (weights: Weights) => model.pool(model.encode(weights, batch), batch);

  beforeAll(async () => {
    await startEngine({ threads: 2, device: 'cpu' });
    await tf.setBackend(backend);
    model = (await loadModel(fixtureFolder('bert'))) as EncoderModel;
    batch = batchOf(expected);
  });
  afterAll(() => model.dispose());

  it("pools transformers' states", () => {
    expect(
      gap(
        tf.tidy(() => pooled(model.weights)),
        expected.pooled,
      ),
    ).toBeLessThan(1e-5);
  });

  it("has transformers' gradients", () => {
    const size = expected.pooled.length;
    const direction = tf.tensor(
      Float32Array.from({ length: size }, (_, i) => -1 + (2 * i) / (size - 1)),
      [3, size / 3],
    );
    const gaps = gradientGaps(model, (w) => tf.sum(tf.mul(pooled(w), direction)) as tf.Scalar, expected);
    expect(gaps.loss).toBeLessThan(1e-4);
    expect(gaps.gradients).toBeLessThan(1e-4);
  });

  it('gives virtual tokens the first positions, and leaves them out of the pool', () => {
    const states = tf.tidy(() =>
      model.pool(model.encode(model.weights, batch, promptInFront(expected.prompt)), batch),
    );
    expect(gap(states, expected.prompted)).toBeLessThan(1e-5);
  });

  it('refuses more positions than it has', () => {
    const tooLong = promptInFront(Array.from({ length: 7 }, () => expected.prompt[0]!));
    expect(() => tf.tidy(() => model.encode(model.weights, batch, tooLong).states)).toThrow(
      '13 positions (virtual tokens and text), and the model has 12',
    );
  });

  it('shows every linear map and sublayer to its hook, by name', () => {
    const names: string[] = [];
    const sublayers: string[] = [];
    tf.tidy(() => {
      model.encode(model.weights, batch, {
        linear: (name, x, y) => {
          names.push(name);
          expect([x.shape[2], y.shape[2]]).toEqual(model.weights[`${name}.weight`]!.shape.toReversed());
          return y;
        },
        sublayer: (name, _x, y) => (sublayers.push(name), y),
      });
    });
    const maps = Object.keys(model.weights).filter((name) => /(query|key|value|dense)\.weight$/.test(name));
    expect(names.toSorted()).toEqual(maps.map((name) => name.replace('.weight', '')).toSorted());
    expect(sublayers).toHaveLength(4);
  });

  it('attends to a prefix, and not to a masked one', () => {
    const prefix = (on: number) => ({
      keyValues: () =>
        ({ keys: tf.ones([3, 2, 4, 8]), values: tf.ones([3, 2, 4, 8]), mask: tf.fill([3, 4], on) }) as never,
    });
    const pool = (on: number) =>
      tf.tidy(() => model.pool(model.encode(model.weights, batch, prefix(on)), batch));
    expect(gap(pool(0), expected.pooled)).toBeLessThan(1e-5);
    expect(gap(pool(1), expected.pooled)).toBeGreaterThan(1e-2);
  });

  it('computes the same as a traced step', () => {
    const step = new Step('bert', ({ frozen, batch }) => {
      const tokens = batch as unknown as TokenBatch;
      return { state: {}, outputs: { pooled: model.pool(model.encode(frozen, tokens), tokens) } };
    });
    const { outputs } = step.run({
      frozen: { ...model.weights },
      constants: {},
      state: {},
      batch: { ...batch },
      scalars: {},
    });
    expect(gap(outputs['pooled']!, expected.pooled)).toBeLessThan(1e-5);
    step.dispose();
  });
});
