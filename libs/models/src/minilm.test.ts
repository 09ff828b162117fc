import * as tf from '@tensorflow/tfjs';
import { peftgridHome } from '#engine/install/library.js';
import { startEngine } from '#engine/native/start.js';
import { resolveBackbone } from './backbones.js';
import { gap, readFixture } from './fixtures/reference.js';
import { loadModel } from './load-model.js';
import type { EncoderModel } from './model.js';

/** On the real weights, fetched once into the home folder. */
describe('all-MiniLM-L6-v2', () => {
  const expected = readFixture<{ sentences: string[]; ids: number[][]; pooled: number[] }>('minilm.json');
  let model: EncoderModel;

  beforeAll(async () => {
    await startEngine({ threads: 2, device: 'cpu' });
    await tf.setBackend('tensorflow');
    const { folder } = await resolveBackbone('minilm-l6', peftgridHome(), () => undefined);
    model = (await loadModel(folder)) as EncoderModel;
  }, 600_000);
  afterAll(() => model?.dispose());

  it('reads text into the ids of transformers', () => {
    expect(expected.sentences.map((s) => model.tokenizer.encode(s))).toEqual(expected.ids);
  });

  it('has its embeddings', () => {
    const length = Math.max(...expected.ids.map((row) => row.length));
    const padded = (fill: (row: number[]) => number[]) =>
      expected.ids.map((row) => [...fill(row), ...Array(length - row.length).fill(0)]);
    const ids = tf.tensor2d(padded((row) => row) as number[][], undefined, 'int32');
    const mask = tf.tensor2d(padded((row) => row.map(() => 1)) as number[][]);
    const pooled = tf.tidy(() => model.pool(model.encode(model.weights, { ids, mask }), { ids, mask }));
    expect(gap(pooled, expected.pooled)).toBeLessThan(1e-5);
  });

  it('is 22.6 million parameters and no more positions than 512', () => {
    expect(model.parameterCount).toBe(22_565_376);
    expect(model.maxPositions).toBe(512);
  });
});
