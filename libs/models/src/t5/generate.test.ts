import * as tf from '@tensorflow/tfjs';
import { startEngine } from '#engine/native/start.js';
import type { Adaptation } from '../adaptation.js';
import { batchOf, fixtureFolder, promptInFront, readFixture, type Reference } from '../fixtures/reference.js';
import { written } from '../fixtures/written.js';
import { loadModel } from '../load-model.js';
import type { TokenBatch } from '../batch.js';
import type { EncoderDecoderModel } from '../model.js';

interface Generated extends Reference {
  generationIds: number[][];
  generations: { beams: number; lengthPenalty: number; maxTokens: number; ids: number[][] }[];
}

const cases = ['cpu', 'tensorflow'].flatMap((backend) =>
  ['t5-v1.0', 't5-v1.1'].map((name) => ({ backend, name })),
);

describe.each(cases)('generation by $name on the $backend backend', ({ backend, name }) => {
  const expected = readFixture<Generated>(`${name}/expected.json`);
  let model: EncoderDecoderModel;
  let batch: TokenBatch;

  beforeAll(async () => {
    await startEngine({ threads: 2, device: 'cpu' });
    await tf.setBackend(backend);
    model = (await loadModel(fixtureFolder(name))) as EncoderDecoderModel;
    const ids = expected.generationIds;
    batch = batchOf({ ids, mask: ids.map((row) => row.map((id) => (id === 0 ? 0 : 1))) });
  });
  afterAll(() => model.dispose());

  it.each(expected.generations)(
    'writes what transformers writes: $beams beams, length penalty $lengthPenalty, $maxTokens tokens',
    ({ ids, ...options }) => {
      const before = tf.memory().numTensors;
      expect(written(model, batch, options)).toEqual(ids);
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it.each([0, 2])(
    'agrees with teacher-forced logits under prompts in both stacks and prefixes %i in front in every attention',
    (front) => {
      const adaptation: Adaptation = {
        embeddings: (x, _stack, ids) => promptInFront(expected.prompt).embeddings!(x, 'encoder', ids),
        keyValues: (_site, n) => ({
          keys: tf.ones([n, 2, 2, 6]),
          values: tf.fill([n, 2, 2, 6], 0.5),
          mask: tf.ones([n, 2]),
        }),
        inFront: () => front,
      };
      const before = tf.memory().numTensors;
      const texts = written(
        model,
        batch,
        { maxTokens: 5, beams: 1, lengthPenalty: 1 },
        { adapted: () => adaptation },
      );
      const forced = Array.from({ length: 8 }, () => [model.decoderStartId]);
      for (let step = 0; step < 5; step++) {
        const next = tf.tidy(() => {
          const encoded = model.encode(model.weights, batch, adaptation);
          const logits = model.decode(
            model.weights,
            encoded,
            tf.tensor2d(forced, undefined, 'int32'),
            adaptation,
          );
          return tf.argMax(tf.slice(logits, [0, step, 0], [8, 1, -1]), 2).dataSync();
        });
        forced.forEach((row, i) => row.push(next[i]!));
      }
      const cut = (row: number[]) =>
        row.includes(model.endId) ? row.slice(0, row.indexOf(model.endId)) : row;
      expect(texts).toEqual(forced.map((row) => cut(row.slice(1))));
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});
