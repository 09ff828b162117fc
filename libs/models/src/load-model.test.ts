import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { valueAndGradients } from '#engine/gradients.js';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import { startEngine } from '#engine/start.js';
import { loadModel } from './load-model.js';
import type { EncoderDecoderModel, EncoderModel, Model, TokenBatch, Weights } from './model.js';

interface Expected {
  ids: number[][];
  mask: number[][];
  decoderIds: number[][];
  labels: number[][];
  logits: number[];
  pooled: number[];
  encoded: number[];
  states: number[];
  loss: number;
  gradients: Record<string, number[]>;
  greedy?: number[][];
  beam?: number[][];
}

const fixture = (name: string) => join(__dirname, 'fixtures', name);
const expectedOf = (name: string) => JSON.parse(readFileSync(join(fixture(name), 'expected.json'), 'utf8')) as Expected;
const batchOf = (e: Expected): TokenBatch => ({ ids: tf.tensor2d(e.ids, undefined, 'int32'), mask: tf.tensor2d(e.mask) });

function expectClose(actual: tf.Tensor, expected: number[], tolerance = 1e-4): void {
  const values = actual.dataSync();
  expect(values.length).toBe(expected.length);
  const worst = expected.reduce((w, e, i) => Math.max(w, Math.abs(values[i]! - e)), 0);
  expect(worst).toBeLessThan(tolerance);
}

/** Gradients within 1e-4 of the largest entry. */
function expectGradients(loss: (w: Weights) => tf.Scalar, model: Model, expected: Expected): void {
  const names = Object.keys(expected.gradients);
  const chosen = Object.fromEntries(names.map((n) => [n, model.weights[n]!]));
  const result = valueAndGradients(() => ({ loss: loss({ ...model.weights, ...chosen }), aux: {} }), chosen);
  expect(result.loss.dataSync()[0]).toBeCloseTo(expected.loss, 4);
  for (const name of names) {
    const largest = Math.max(...expected.gradients[name]!.map(Math.abs));
    expectClose(result.gradients[name]!, expected.gradients[name]!, 1e-4 * Math.max(largest, 1e-2));
  }
}

describe.each(['cpu', 'tensorflow'])('on the %s backend', (backend) => {
  beforeAll(async () => {
    await startEngine({ threads: 2, device: 'cpu' });
    await tf.setBackend(backend);
  });

  it.each(['t5-v1.1', 't5-v1.0'])('%s computes what transformers computes', async (name) => {
    const expected = expectedOf(name);
    const model = (await loadModel(fixture(name))) as EncoderDecoderModel;
    const batch = batchOf(expected);
    const decoderIds = tf.tensor2d(expected.decoderIds, undefined, 'int32');
    const encoded = model.encode(model.weights, batch);
    const mask = tf.expandDims(batch.mask, 2);
    const states = Float32Array.from(expected.encoded);
    expectClose(tf.mul(encoded.states, mask), Array.from(tf.mul(tf.tensor(states, encoded.states.shape), mask).dataSync()));
    expectClose(model.decode(model.weights, encoded, decoderIds), expected.logits);
    const labels = tf.tensor1d(expected.labels.flat(), 'int32');
    const counted = expected.labels.flat().filter((l) => l >= 0).length;
    const loss = (w: Weights) => {
      const logits = model.decode(w, model.encode(w, batch), decoderIds);
      return tf.div(tf.sum(softmaxCrossEntropy(tf.reshape(logits, [labels.shape[0], -1]), labels)), counted) as tf.Scalar;
    };
    expectGradients(loss, model, expected);
    model.dispose();
  });

  it.each(['t5-v1.1', 't5-v1.0'])('%s generates what transformers generates', async (name) => {
    const expected = expectedOf(name);
    if (!expected.greedy) throw new Error(`the fixture of ${name} holds no generated text`);
    const model = (await loadModel(fixture(name))) as EncoderDecoderModel;
    const batch = batchOf(expected);
    const before = tf.memory().numTensors;
    expect(model.generate(model.weights, batch, { maxTokens: 6, beams: 1, lengthPenalty: 1 })).toEqual(expected.greedy);
    expect(model.generate(model.weights, batch, { maxTokens: 6, beams: 3, lengthPenalty: 0.8 })).toEqual(expected.beam);
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });

  it('bert computes what transformers computes', async () => {
    const expected = expectedOf('bert');
    const model = (await loadModel(fixture('bert'))) as EncoderModel;
    const batch = batchOf(expected);
    const pooled = model.pool(model.encode(model.weights, batch), batch);
    expectClose(pooled, expected.pooled);
    const n = expected.pooled.length;
    const direction = tf.tensor(Float32Array.from({ length: n }, (_, i) => -1 + (2 * i) / (n - 1)), pooled.shape); // prettier-ignore
    const loss = (w: Weights) => tf.sum(tf.mul(model.pool(model.encode(w, batch), batch), direction)) as tf.Scalar;
    expectGradients(loss, model, expected);
    model.dispose();
  });
});

describe('loadModel', () => {
  it('names what a folder lacks', async () => {
    await expect(loadModel('/nowhere')).rejects.toThrow('/nowhere has no config.json');
  });

  it('reads text into ids and back', async () => {
    const { tokenizer } = await loadModel(fixture('t5-v1.1'));
    expect(tokenizer.encode('the cat sat')).toEqual([4, 5, 7, 1]);
    expect(tokenizer.encode('the cat sat on a mat', 4)).toEqual([4, 5, 7, 1]);
    expect(tokenizer.encodePlain('the cat')).toEqual([4, 5]);
    expect(tokenizer.decode([4, 5, 1])).toBe('the cat');
    expect(tokenizer.idOf('<extra_id_0>')).toBe(3);
  });
});
