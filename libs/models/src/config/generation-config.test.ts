import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { fixtureFolder, readFixture, type Generations } from '../fixtures/reference.js';
import { written } from '../fixtures/written.js';
import { loadModel } from '../load-model.js';
import type { DecoderModel, EncoderDecoderModel } from '../model.js';
import { saveModel } from '../save-model.js';

const home = mkdtempSync(join(tmpdir(), 'generation-'));
const folder = join(home, 'model');
beforeAll(() => tf.setBackend('cpu'));
afterAll(() => rmSync(home, { recursive: true }));

/** The fixture with fields of config.json moved to generation_config.json, as transformers 5 saves it. */
function moved(family: string, fields: string[], more: Record<string, unknown> = {}): void {
  rmSync(folder, { recursive: true, force: true });
  cpSync(fixtureFolder(family), folder, { recursive: true });
  const path = join(folder, 'config.json');
  const config = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  const generation = Object.fromEntries(fields.map((field) => [field, config[field]]));
  for (const field of fields) delete config[field];
  writeFileSync(path, JSON.stringify(config));
  writeFileSync(join(folder, 'generation_config.json'), JSON.stringify({ ...generation, ...more }));
}

it('forces the tokens that it names, in a copy as well', async () => {
  moved('bart', ['forced_bos_token_id', 'forced_eos_token_id', 'decoder_start_token_id']);
  const { generationIds, generations } = readFixture<Generations>('bart/expected.json');
  const { ids, ...options } = generations[0]!;
  const mask = generationIds.map((row) => row.map((id) => Number(id !== 0)));
  const writtenFrom = async (from: string) => {
    const model = (await loadModel(from)) as EncoderDecoderModel;
    const batch = { ids: tf.tensor2d(generationIds, undefined, 'int32'), mask: tf.tensor2d(mask) };
    return [model, written(model, batch, options)] as const;
  };
  const [model, rows] = await writtenFrom(folder);
  expect(rows).toEqual(ids);
  const copy = join(home, 'copy');
  saveModel(copy, { config: model.config, weights: model.weights, tokenizerFolder: folder, dtype: 'F32' });
  const [again, same] = await writtenFrom(copy);
  expect(same).toEqual(ids);
  expect(again.hash).toBe(model.hash);
});

it("adds its ends to config.json's, which stays the one that is trained", async () => {
  const plain = await loadModel(fixtureFolder('llama'));
  moved('llama', [], { eos_token_id: [7, 1, 9], temperature: 0.6 });
  const model = (await loadModel(folder)) as DecoderModel;
  expect(model.endId).toBe((plain as DecoderModel).endId);
  expect(model.hash).not.toBe(plain.hash);
});
