import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { startEngine } from '#engine/native/start.js';
import { batchOf, fixtureFolder, type Generations, readFixture } from '../fixtures/reference.js';
import { makeVariant } from '../fixtures/variant-folder.js';
import { written } from '../fixtures/written.js';
import { loadModel } from '../load-model.js';
import type { DecoderModel, EncoderDecoderModel } from '../model.js';
import { Writer } from './writer.js';

const home = mkdtempSync(join(tmpdir(), 'writer-'));
const long = readFixture<Record<string, Generations['generations']>>('long.json');
const models: Record<string, DecoderModel | EncoderDecoderModel> = {};

beforeAll(async () => {
  await startEngine({ threads: 2, device: 'cpu' });
  makeVariant(join(home, 'llama'), { base: 'llama', change: { max_position_embeddings: 128 } });
  models['llama'] = (await loadModel(join(home, 'llama'))) as DecoderModel;
  models['t5-v1.1'] = (await loadModel(fixtureFolder('t5-v1.1'))) as EncoderDecoderModel;
  models['gpt2'] = (await loadModel(fixtureFolder('gpt2'))) as DecoderModel;
});
afterAll(() => {
  Object.values(models).forEach((m) => m.dispose());
  rmSync(home, { recursive: true });
});

const texts = (name: string) => {
  const ids = readFixture<Generations>(`${name}/expected.json`).generationIds;
  return batchOf({ ids, mask: ids.map((row) => row.map((id) => Number(id !== 0))) });
};

/** As the fixture's maker puts the end out of reach. */
const endless = (model: DecoderModel | EncoderDecoderModel) => ({
  adapted: () => ({
    linear: (name: string, _x: tf.Tensor3D, y: tf.Tensor3D): tf.Tensor3D =>
      name === 'lm_head' ? tf.add(y, tf.mul(tf.oneHot(model.endId, model.vocabularySize), -100)) : y,
  }),
});

const cases = Object.entries(long).flatMap(([name, runs]) => runs.map((run) => ({ name, ...run })));

it.each(cases)(
  'goes on as transformers does when the cache has been full twice: $name, $beams beams, n-gram $noRepeatNgram',
  ({ name, ids, ...options }) => {
    const model = models[name]!;
    const before = tf.memory().numTensors;
    const batch = texts(name);
    expect(written(model, batch, options, endless(model))).toEqual(ids);
    tf.dispose([batch.ids, batch.mask]);
    expect(tf.memory().numTensors).toBe(before);
  },
);

const greedy = { maxTokens: 6, beams: 1, lengthPenalty: 1 };

it('compiles its steps once for all texts of a shape', () => {
  const model = models['gpt2']!;
  const writer = new Writer('once', model.writing, ({ frozen }) => ({ weights: frozen }));
  const given = () => ({
    frozen: { ...model.weights },
    constants: {},
    state: {},
    batch: { ...texts('gpt2') },
  });
  const first = writer.write(given(), greedy);
  expect(writer.signatures).toBe(2);
  expect(writer.write(given(), greedy)).toEqual(first);
  expect(writer.signatures).toBe(2);
  writer.dispose();
});

it('draws by seed and row, from the best tokens or from all', () => {
  const model = models['gpt2']!;
  const drawn = (sampling: { seed: number; topK: number; topP: number }) =>
    written(model, texts('gpt2'), { ...greedy, sampling: { temperature: 1.5, ...sampling } });
  const one = drawn({ seed: 1, topK: 5, topP: 0.9 });
  expect(drawn({ seed: 1, topK: 5, topP: 0.9 })).toEqual(one);
  expect(drawn({ seed: 2, topK: 5, topP: 0.9 })).not.toEqual(one);
  expect(drawn({ seed: 1, topK: 1, topP: 1 })).toEqual(written(model, texts('gpt2'), greedy));
  const all = drawn({ seed: 1, topK: 0, topP: 1 });
  expect(drawn({ seed: 1, topK: model.vocabularySize, topP: 1 })).toEqual(all);
});

it.each(['gpt2', 't5-v1.1'])('writes many rows, which it takes in lanes, as it writes few: %s', (name) => {
  const model = models[name]!;
  const few = texts(name);
  const many = { ids: tf.tile(few.ids, [9, 1]), mask: tf.tile(few.mask, [9, 1]) };
  const nine = (rows: number[][]) => Array.from({ length: 9 }, () => rows).flat();
  for (const options of [greedy, { ...greedy, beams: 2, noRepeatNgram: 2 }])
    expect(written(model, many, options)).toEqual(nine(written(model, few, options)));
  const sampling = { seed: 1, temperature: 1, topK: 1, topP: 1 };
  expect(written(model, many, { ...greedy, sampling })).toEqual(nine(written(model, few, greedy)));
});

it('writes as far as the model has positions, and says so where they end', () => {
  const model = models['gpt2']!; // 24 positions, 9 of them the prompt's
  const options = { maxTokens: 16, beams: 2, lengthPenalty: 1 };
  const before = tf.memory().numTensors;
  const batch = texts('gpt2');
  expect(written(model, batch, options, endless(model)).map((row) => row.length)).toEqual(Array(8).fill(16));
  expect(() => written(model, batch, { ...options, maxTokens: 17 }, endless(model))).toThrow(
    '25 positions (virtual tokens and text), and the model has 24',
  );
  tf.dispose([batch.ids, batch.mask]);
  expect(tf.memory().numTensors).toBe(before);
});

it('refuses what it can not do', () => {
  const model = models['gpt2']!;
  const sampling = { seed: 1, temperature: 1, topK: 0, topP: 1 };
  expect(() => written(model, texts('gpt2'), { ...greedy, beams: 2, sampling })).toThrow(
    'sampling needs beams 1, and beams is 2',
  );
  expect(() => written(model, texts('gpt2'), { ...greedy, maxTokens: 0 })).toThrow(
    'maxTokens is 0, expected a whole number',
  );
});
