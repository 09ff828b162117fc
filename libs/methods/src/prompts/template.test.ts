import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { Method } from '#contracts/method.js';
import { PTuning } from '#contracts/methods/p-tuning.js';
import { withMaskToken } from '#models/fixtures/mask-token.js';
import { batchOf, fixtureFolder, gap } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { readRows } from './embedding-rows.js';
import { labels, moved, passOf } from '../fixtures/forward.js';
import { countOf } from '../members/shapes.js';
import { pTuning } from './p-tuning.js';

const folder = mkdtempSync(join(tmpdir(), 'masked-'));
const models: Record<string, Model> = {};
const families = ['bert', 'roberta', 'mpnet', 't5-v1.1', 'gpt2', 'llama', 'bart'];
const configOf = (knobs: object) => PTuning.parse({ name: 'p-tuning', ...knobs });
const full = (ids: number[]) => batchOf({ ids: [ids], mask: [ids.map(() => 1)] });

beforeAll(async () => {
  await tf.setBackend('cpu');
  for (const family of families) models[family] = await loadModel(fixtureFolder(family));
  models['masked'] = await loadModel(withMaskToken(folder));
});
afterAll(() => {
  Object.values(models).forEach((m) => m.dispose());
  rmSync(folder, { recursive: true });
});

it.each(families)(
  '%s reads pseudo tokens that are embeddings of words as these words, wherever they stand',
  (family) => {
    const model = models[family]!;
    const config = configOf({ template: '{prompt:1} the {text} on {prompt:2} a', encoder: 'none' });
    const words = model.tokenizer.encodePlain('cat sat dog').slice(0, 3);
    const ids = pTuning.reading!(config, model)!.read('dog ran', 8);
    expect(ids.filter((id) => id < 0)).toEqual([-1, -2, -3]);
    tf.tidy(() => {
      const embedding = tf.tensor2d(readRows(model, words), [3, model.dModel]);
      const { adaptation } = passOf(model, config, { embedding });
      const spoken = ids.map((id) => (id < 0 ? words[-1 - id]! : id));
      const scale = model.family === 'bart' && model.config.includes('"scale_embedding": true');
      expect(scale).toBe(false);
      const expected = Array.from(model.encode(model.weights, full(spoken)).states.dataSync());
      expect(gap(model.encode(model.weights, full(ids), adaptation).states, expected)).toBeLessThan(1e-5);
    });
  },
);

it('keeps the special tokens outside and cuts the text alone', () => {
  const model = models['masked']!;
  const { tokenizer } = model;
  const reading = pTuning.reading!(
    configOf({ length: 2, template: '{prompt} {text} on {prompt:1} {mask} .' }),
    model,
  )!;
  const [cls, the, cat, sep] = tokenizer.encode('the cat') as [number, number, number, number];
  const [on, dot, mask] = [tokenizer.encodePlain('on'), tokenizer.encodePlain('.'), tokenizer.idOf('[MASK]')];
  expect(reading).toMatchObject({ extra: 2 + 1 + 1 + 1 + 1, maskId: mask });
  expect(reading.read('the cat sat on the mat', 4)).toEqual([
    cls,
    -1,
    -2,
    the,
    cat,
    ...on,
    -3,
    mask,
    ...dot,
    sep,
  ]);
});

it.each(['gpt2', 'llama'])('leaves a text of %s open at its end, where the answer follows', (family) => {
  const { tokenizer } = models[family]!;
  const { read } = pTuning.reading!(
    configOf({ length: 2, template: '{prompt} {text} on' }),
    models[family]!,
  )!;
  expect(read('the cat', 8)).toEqual([-1, -2, ...tokenizer.encodePlain('the cat on')]);
  expect(tokenizer.encode('the cat on').at(-1)).toBe(tokenizer.idOf('</s>'));
});

it('keeps what changed of a tuned model beside the folded prompt', () => {
  const model = models['bert']!;
  const config = configOf({ length: 2, modelRate: 0.1 });
  tf.tidy(() => {
    const trained = moved(pTuning.init(config, model, labels, 1), 3);
    const folded = pTuning.fold!(config, model, trained);
    const answers = [{ config, parameters: trained }, folded].map(({ config: c, parameters }) => {
      const { weights, adaptation } = passOf(model, c, parameters);
      return model.encode(weights, full([5, 9, 12]), adaptation).states;
    });
    expect(gap(answers[0]!, Array.from(answers[1]!.dataSync()))).toBeLessThan(1e-5);
    const [, { adaptation }] = [null, passOf(model, config, trained)];
    const frozen = Array.from(model.encode(model.weights, full([5, 9, 12]), adaptation).states.dataSync());
    expect(gap(answers[0]!, frozen)).toBeGreaterThan(1e-2);
    expect(countOf(pTuning.shapes(config, model, labels))).toBe(
      Object.values(trained).reduce((n, t) => n + t.size, 0),
    );
  });
});

it.each([
  ['{prompt} is {mask}', '{text} 0 times'],
  ['{text} and {text} {prompt}', '{text} 2 times'],
  ['{text} is {mask}', 'no {prompt}'],
  ['{prompt} {text} {mask} {mask}', '{mask} 2 times'],
  ['{prompt:0} {text}', '{prompt:0} is none of'],
  ['{prompt} {text} {label}', '{label} is none of'],
  ['{prompt {text}', 'is none of'],
])('refuses the template %j', (template, why) => {
  const { success, error } = Method.safeParse({ name: 'p-tuning', template });
  expect(success).toBe(false);
  expect(error!.issues[0]).toMatchObject({
    path: ['template'],
    message: expect.stringContaining(why) as string,
  });
});

it.each<[string, object, string]>([
  ['bert', { template: '{prompt} {text} {mask}' }, 'has no masked-language-model head'],
  ['t5-v1.1', { template: '{prompt} {text} {mask}' }, 'leave {mask} out'],
  ['gpt2', { template: '{prompt} {text} {mask}' }, 'leave {mask} out'],
  ['bert', { length: 4000, template: '{prompt} {text}' }, 'method.length is 4000'],
])('on %s refuses %j', (family, knobs, message) => {
  expect(() => pTuning.check(configOf(knobs), models[family]!)).toThrow(message);
});

it('refuses a label word of several tokens at a mask', () => {
  const model = models['masked']!;
  const config = configOf({ template: '{prompt} {text} {mask}' });
  expect(() => pTuning.init(config, model, { words: ['mat', 'the cat'] }, 1)).toThrow(
    '"the cat" is 2 tokens, and {mask}',
  );
});
