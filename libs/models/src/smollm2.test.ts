import * as tf from '@tensorflow/tfjs';
import { peftgridHome } from '#engine/install/library.js';
import { startEngine } from '#engine/native/start.js';
import { resolveBackbone } from './backbones.js';
import { continuationOf } from './continuation.js';
import { batchOf, gap, readFixture } from './fixtures/reference.js';
import { written } from './fixtures/written.js';
import { loadModel } from './load-model.js';
import type { DecoderModel } from './model.js';

interface Smollm2 {
  ids: number[][];
  mask: number[][];
  logits: number[]; // of the last position, every 97th, computed in float64
  best: number[][];
  bestLogits: number[];
  written: number[][];
  weights: Record<string, number[]>; // sum, sum of magnitudes, the first and last three values
  sentences: string[];
  sentenceIds: number[][];
}

/** On the real weights, fetched once into the home folder. */
describe('SmolLM2-135M', () => {
  const expected = readFixture<Smollm2>('smollm2.json');
  let model: DecoderModel;

  beforeAll(async () => {
    await startEngine({ threads: 2, device: 'cpu' });
    await tf.setBackend('tensorflow');
    const { folder } = await resolveBackbone('smollm2-135m', peftgridHome(), () => undefined);
    model = (await loadModel(folder)) as DecoderModel;
  }, 600_000);
  afterAll(() => model?.dispose());

  it("has transformers' dequantised weights, in its order of rows", () => {
    for (const [name, [sum, magnitudes, ...ends]] of Object.entries(expected.weights)) {
      const values = model.weights[name]!.dataSync() as Float32Array;
      const total = (f: (v: number) => number) => values.reduce((s, v) => s + f(v), 0);
      expect(Math.abs(total((v) => v) - sum!) / magnitudes!).toBeLessThan(1e-6);
      expect(Math.abs(total(Math.abs) / magnitudes! - 1)).toBeLessThan(1e-6);
      [...values.slice(0, 3), ...values.slice(-3)].forEach((v, i) => expect(v).toBeCloseTo(ends[i]!, 5));
    }
  });

  // The reference is transformers' forward pass in float64: logits up to 31 lie 6e-5 from it here and 6.5e-5
  // in transformers' own float32, on the other side, so that the two float32 results are 1.1e-4 apart.
  it('has its logits, padded on the left', () => {
    const last = tf.tidy(() => {
      const logits = model.decode(model.weights, batchOf(expected));
      return tf.slice(logits, [0, 9, 0], [2, 1, -1]).reshape([2, -1]);
    });
    const values = last.arraySync() as number[][];
    expected.best.forEach((ids, row) => {
      ids.forEach((id, i) =>
        expect(Math.abs(values[row]![id]! - expected.bestLogits[row * 20 + i]!)).toBeLessThan(1e-4),
      );
    });
    const every = values.flatMap((row) => row.filter((_, i) => i % 97 === 0));
    expect(gap(tf.tensor1d(every), expected.logits)).toBeLessThan(1e-4);
  });

  it('writes what it writes', () => {
    const texts = written(model, batchOf(expected), { maxTokens: 8, beams: 1, lengthPenalty: 1 });
    expect(texts).toEqual(expected.written);
  });

  it('reads text into its ids', () => {
    expect(expected.sentences.map((s) => model.tokenizer.encode(s))).toEqual(expected.sentenceIds);
    expect(model.tokenizer.decode(expected.written[0]!)).toContain('Paris');
    const read = model.tokenizer.encode('made by hand');
    for (const word of ['artifact', 'New York', 'not_entailment'])
      expect([...read, ...continuationOf(model.tokenizer, word)]).toEqual(
        model.tokenizer.encode(`made by hand ${word}`),
      );
  });

  it('is 134.5 million parameters', () => {
    expect(model.parameterCount).toBe(134_515_008);
    expect(model.maxPositions).toBe(8192);
  });
});
