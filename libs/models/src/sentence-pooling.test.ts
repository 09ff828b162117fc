/** Held against sentence-transformers' definition: a mean or the first token of the final states, normalised
 *  where modules.json says so. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { batchOf, fixtureFolder, gap, readFixture, type Reference } from './fixtures/reference.js';
import { makeVariant } from './fixtures/variant-folder.js';
import { loadModel } from './load-model.js';
import type { EncoderModel } from './model.js';
import { saveModel } from './save-model.js';

const expected = readFixture<Reference & { pooled: number[] }>('bert/expected.json');
const home = mkdtempSync(join(tmpdir(), 'pooling-'));
const folder = join(home, 'model');
const part = (type: string, path: string) => ({
  idx: 0,
  name: '0',
  path,
  type: `sentence_transformers.models.${type}`,
});
const transformer = part('Transformer', '');
const pooling = part('Pooling', '1_Pooling');
const normalize = part('Normalize', '2_Normalize');

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  cpSync(fixtureFolder('bert'), folder, { recursive: true });
});
afterAll(() => rmSync(home, { recursive: true }));

function write(file: string, content: unknown): void {
  mkdirSync(join(folder, '1_Pooling'), { recursive: true });
  writeFileSync(join(folder, file), JSON.stringify(content));
}
const modes = (on: string[]) => ({
  word_embedding_dimension: 16,
  ...Object.fromEntries(
    ['cls_token', 'mean_tokens', 'max_tokens'].map((m) => [`pooling_mode_${m}`, on.includes(m)]),
  ),
});

/** The pooled vectors of the fixture's texts, and their first tokens' states. */
async function pooledOf(from = folder): Promise<{ pooled: number[][]; first: number[][] }> {
  const model = (await loadModel(from)) as EncoderModel;
  const batch = batchOf(expected);
  const both = tf.tidy(() => {
    const encoded = model.encode(model.weights, batch);
    const first = tf.squeeze(tf.slice(encoded.states, [0, 0, 0], [-1, 1, -1]), [1]) as tf.Tensor2D;
    return { pooled: model.pool(encoded, batch).arraySync(), first: first.arraySync() } as never;
  }) as { pooled: number[][]; first: number[][] };
  model.dispose();
  return both;
}
const unit = (row: number[]) => row.map((v) => v / Math.hypot(...row));

const cases =
  readFixture<{ mode: string; normalize: boolean; files: object; texts: string[]; values: number[][] }[]>(
    'sentence.json',
  );

it.each(cases)(
  "is sentence-transformers' in its own folder: $mode, normalised $normalize",
  async ({ files, texts, values }) => {
    for (const [name, content] of Object.entries(files)) write(name, content);
    const model = (await loadModel(folder)) as EncoderModel;
    for (const [i, text] of texts.entries()) {
      const ids = model.tokenizer.encode(text);
      const batch = batchOf({ ids: [ids], mask: [ids.map(() => 1)] });
      expect(gap(model.pool(model.encode(model.weights, batch), batch), values[i]!)).toBeLessThan(1e-5);
    }
  },
);

it('is the mean without a word, and where it is asked for', async () => {
  expect(gap(tf.tensor2d((await pooledOf()).pooled), expected.pooled)).toBeLessThan(1e-5);
  write('1_Pooling/config.json', modes(['mean_tokens']));
  expect(gap(tf.tensor2d((await pooledOf()).pooled), expected.pooled)).toBeLessThan(1e-5);
  write('modules.json', [transformer, pooling]);
  expect(gap(tf.tensor2d((await pooledOf()).pooled), expected.pooled)).toBeLessThan(1e-5);
});

it('is the first token where it is asked for', async () => {
  write('1_Pooling/config.json', modes(['cls_token']));
  for (const list of [undefined, [transformer, pooling]]) {
    if (list) write('modules.json', list);
    const { pooled, first } = await pooledOf();
    expect(gap(tf.tensor2d(pooled), first.flat())).toBeLessThan(1e-6);
  }
  write('1_Pooling/config.json', { embedding_dimension: 16, pooling_mode: 'cls' }); // as version 5 writes it
  const { pooled, first } = await pooledOf();
  expect(gap(tf.tensor2d(pooled), first.flat())).toBeLessThan(1e-6);
});

it('is normalised where modules.json says so', async () => {
  write('1_Pooling/config.json', modes(['cls_token']));
  write('modules.json', [transformer, pooling, normalize]);
  const { pooled, first } = await pooledOf();
  expect(gap(tf.tensor2d(pooled), first.flatMap(unit))).toBeLessThan(1e-6);
});

it('pools the first token of a text that is padded on the left', async () => {
  write('1_Pooling/config.json', modes(['cls_token']));
  const model = (await loadModel(folder)) as EncoderModel;
  const states = tf.reshape(tf.range(0, 8), [2, 4, 1]) as tf.Tensor3D;
  const batch = batchOf({
    ids: [
      [0, 0, 5, 6],
      [5, 6, 7, 0],
    ],
    mask: [
      [0, 0, 1, 1],
      [1, 1, 1, 0],
    ],
  });
  expect(Array.from(model.pool({ states, mask: batch.mask }, batch).dataSync())).toEqual([2, 4]);
});

it('goes along where the model is saved', async () => {
  write('1_Pooling/config.json', modes(['cls_token']));
  write('modules.json', [transformer, pooling, normalize]);
  const model = await loadModel(folder);
  const copy = join(home, 'copy');
  saveModel(copy, { config: model.config, weights: model.weights, tokenizerFolder: folder, dtype: 'F32' });
  expect((await pooledOf(copy)).pooled).toEqual((await pooledOf()).pooled);
});

it('is that of a T5 encoder as well', async () => {
  makeVariant(folder, { base: 't5-v1.1', change: { architectures: ['T5EncoderModel'] } });
  write('1_Pooling/config.json', modes(['cls_token']));
  const { pooled, first } = await pooledOf();
  expect(gap(tf.tensor2d(pooled), first.flat())).toBeLessThan(1e-6);
});

it.each([
  [
    { '1_Pooling/config.json': modes(['max_tokens']) },
    '1_Pooling/config.json pools by pooling_mode_max_tokens; expected one of',
  ],
  [
    { '1_Pooling/config.json': modes(['cls_token', 'mean_tokens']) },
    'pools by pooling_mode_cls_token and pooling_mode_mean_tokens; expected',
  ],
  [
    { '1_Pooling/config.json': modes([]) },
    'pools by nothing; expected one of pooling_mode_mean_tokens, pooling_mode_cls_token',
  ],
  [{ '1_Pooling/config.json': { pooling_mode: 'lasttoken' } }, 'pools by lasttoken; expected'],
  [{ 'modules.json': [transformer, pooling] }, '1_Pooling/config.json is missing'],
  [
    { 'modules.json': [transformer, pooling, part('Dense', '2_Dense'), normalize] },
    'modules.json has Dense, Normalize; expected Transformer, Pooling',
  ],
  [{ 'modules.json': [pooling, transformer] }, 'modules.json begins with Pooling; expected Transformer'],
  [{ 'modules.json': [transformer, normalize] }, 'modules.json has Normalize; expected Transformer, Pooling'],
  [
    { 'modules.json': [part('Transformer', '0_Transformer'), pooling] },
    'has its Transformer in "0_Transformer", and not in the folder itself',
  ],
  [{ 'modules.json': [transformer, part('Pooling', '../../etc')] }, 'has its Pooling in "../../etc"'],
  [{ 'modules.json': {} }, 'modules.json is no list'],
  [
    { 'sentence_bert_config.json': { max_seq_length: 9, do_lower_case: true } },
    'do_lower_case is true, which is not implemented',
  ],
  [
    { 'config_sentence_transformers.json': { prompts: { query: 'q: ' }, default_prompt_name: 'query' } },
    'default_prompt_name is "query"; expected null, and the prompt in the template',
  ],
])('%j is refused by name', async (files, message) => {
  for (const [file, content] of Object.entries(files)) write(file, content);
  await expect(loadModel(folder)).rejects.toThrow(message);
});
