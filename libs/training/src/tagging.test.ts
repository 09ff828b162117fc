import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { Method, type MethodName } from '#contracts/method.js';
import { TuneConfig } from '#contracts/trial.js';
import { startEngine } from '#engine/native/start.js';
import { loadAdapter } from '#methods/files/adapter-files.js';
import { fixtureFolder } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import {
  checkpointOf,
  curveOf,
  folder,
  gapOf,
  host,
  outcomeOf,
  removeToys,
  toyMember,
} from './fixtures/toy.js';
import { warmModel } from './warm/warm-models.js';

const path = join(folder, 'tags.jsonl');
const words = ['cat', 'dog', 'mat', 'the', 'ran'];
const tagOf = (word: string, before: string | undefined) =>
  word === 'cat' ? 'B-PET' : word === 'mat' && before === 'cat' ? 'I-PET' : 'O';
let drawn = 1;
const draw = (below: number) => (drawn = (drawn * 48271) % 2147483647) % below;
const rows = Array.from({ length: 90 }, (_, i) => {
  const tokens = Array.from({ length: 2 + (i % 4) }, () => words[draw(5)]!);
  return { tokens, tags: tokens.map((word, j) => tagOf(word, tokens[j - 1])) };
});
writeFileSync(path, rows.map((r) => JSON.stringify(r)).join('\n'));

function tagger(method: object, { backbone = 'bert', training = {}, task = {}, seed = 1 } = {}): TuneConfig {
  return TuneConfig.parse({
    stage: 'tune',
    backbone: { folder: fixtureFolder(backbone) },
    task: { name: 'tagging', path, maxLength: 8, ...task },
    method,
    training: { steps: 12, batch: 4, optimizer: { name: 'adamw', learningRate: 0.02 }, ...training },
    seed,
  });
}

const small: Partial<Record<MethodName, object>> = {
  'prompt-tuning': { length: 3 },
  lora: { rank: 2 },
  adapter: { bottleneck: 4 },
  'prefix-tuning': { length: 3, hidden: 8 },
  'p-tuning-v2': { length: 3 },
  mam: { length: 3, hidden: 8, bottleneck: 4 },
  dora: { rank: 2 },
  qlora: { rank: 2 },
  adalora: { rank: 3, targetRank: 2, warmup: 2, final: 2, orthogonality: 1e-6 },
  unipelt: { length: 3, hidden: 8, bottleneck: 4, rank: 2 },
  'top-layers': { layers: 1 },
  'p-tuning': { length: 3 },
};
const names = Method.options.map((o) => o.shape.name.value);
const tolerance = 2e-4; // between a loss in a gang and alone

beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});
afterAll(removeToys);

describe('tagging', () => {
  it.each(names)(
    'trains %s with a head on every token, and goes on from its files',
    async (name) => {
      const config = tagger({ name, ...small[name] }, { training: { checkpointEvery: 6 } });
      const model = await warmModel(fixtureFolder('bert'));
      const solo = toyMember(config);
      const first = await outcomeOf([solo]);
      const [verdict] = first.verdicts;
      if (verdict?.verdict !== 'succeeded') throw new Error(JSON.stringify(verdict));
      const { summary } = verdict;
      expect(Object.keys(summary.test).toSorted()).toEqual(['f1', 'precision', 'recall', 'tokenAccuracy']);
      expect(Object.keys(summary.references)).toEqual(['majority', 'word-tags']);
      expect(summary.reportBy).toBe('f1');
      const curve = curveOf(first, solo);
      expect(curve[0]).toBeCloseTo(Math.log(3), 3); // the head begins at zero: all three tags are as likely

      const tensors = tf.memory().numTensors;
      const [mate, other] = [
        toyMember(config, checkpointOf(first, solo, 'resume', 6)),
        toyMember({ ...config, seed: 2 }),
      ];
      const resumed = await outcomeOf([mate]);
      expect(curveOf(resumed, mate)).toEqual(curve.slice(6));
      expect(resumed.verdicts[0]).toMatchObject({
        summary: { test: summary.test, trainableParameters: summary.trainableParameters },
      });
      const again = toyMember(config);
      expect(gapOf(curveOf(await outcomeOf([again, other]), again), curve)).toBeLessThan(tolerance);
      expect(tf.memory().numTensors).toBe(tensors);

      const files = checkpointOf(first, solo, 'adapter');
      const count = existsSync(join(files, 'config.json')) ? await whole(files) : own(files, model);
      expect(summary.trainableParameters).toBeGreaterThanOrEqual(count);
    },
    60_000,
  );

  /** Scalars in a method's files. */
  function own(files: string, model: Awaited<ReturnType<typeof warmModel>>): number {
    const { parameters, tags } = loadAdapter(files, model);
    expect(tags).toEqual(['B-PET', 'I-PET', 'O']);
    expect(parameters['classifier.weight']!.shape).toEqual([16, 3]);
    const count = Object.values(parameters).reduce((n, t) => n + t.size, 0);
    tf.dispose(parameters);
    return count;
  }

  /** A whole model is one for token classification, and an encoder to us. */
  async function whole(files: string): Promise<number> {
    const config = JSON.parse(readFileSync(join(files, 'config.json'), 'utf8')) as Record<string, unknown>;
    expect(config).toMatchObject({
      architectures: ['BertForTokenClassification'],
      id2label: { 0: 'B-PET', 2: 'O' },
    });
    (await loadModel(files)).dispose();
    return 16 * 3 + 3;
  }

  it.each(['bert', 'roberta'])(
    'learns tags on %s that no word alone decides',
    async (backbone) => {
      const training = {
        steps: 150,
        batch: 16,
        evaluateEvery: 50,
        optimizer: { name: 'adamw', learningRate: 0.01 },
      };
      const member = toyMember(tagger({ name: 'full' }, { backbone, training }));
      const [verdict] = (await outcomeOf([member])).verdicts;
      if (verdict?.verdict !== 'succeeded') throw new Error(JSON.stringify(verdict));
      expect(verdict.summary.test['f1']).toBeGreaterThan(0.9);
      expect(verdict.summary.references['majority']).toBe(0);
      expect(verdict.summary.references['word-tags']).toBeLessThan(0.9);
    },
    60_000,
  );

  it('takes several passes a step as one larger batch', async () => {
    const curves = [];
    for (const [batch, accumulation] of [
      [8, 1],
      [2, 4],
    ]) {
      // prettier-ignore
      const member = toyMember(tagger({ name: 'p-tuning-v2', length: 3 }, { training: { batch, accumulation } }));
      curves.push(curveOf(await outcomeOf([member]), member));
    }
    expect(gapOf(curves[0]!, curves[1]!)).toBeLessThan(tolerance);
  });

  it.each([{ name: 'head' }, { name: 'p-tuning-v2', length: 3, layers: [1, 1] }])(
    'reads states once as it reads them at every step: %j',
    async (method) => {
      const curves = [];
      for (const stateBytes of [1, 1e6]) {
        const member = toyMember(tagger(method));
        curves.push(curveOf(await outcomeOf([member], () => ({}), { ...host, stateBytes }), member));
      }
      expect(gapOf(curves[0]!, curves[1]!)).toBeLessThan(tolerance);
    },
  );

  it('counts words that were cut as wrong', async () => {
    const long = join(folder, 'long.jsonl');
    writeFileSync(
      long,
      rows
        .slice(0, 60)
        .map(({ tokens, tags }) =>
          JSON.stringify({
            tokens: [...tokens, ...Array<string>(8).fill('the')],
            tags: [...tags, ...Array<string>(8).fill('O')],
          }),
        )
        .join('\n'),
    );
    const [verdict] = (
      await outcomeOf([toyMember(tagger({ name: 'head' }, { task: { path: long, scheme: 'plain' } }))])
    ).verdicts;
    if (verdict?.verdict !== 'succeeded') throw new Error(JSON.stringify(verdict));
    expect(verdict.summary.reportBy).toBe('accuracy');
    expect(verdict.summary.test['accuracy']).toBeLessThanOrEqual(6 / 10); // 6 of 10 to 13 words fit
  });

  it.each([
    [
      'another family',
      { name: 'lora' },
      { backbone: 'gpt2' },
      'which a decoder can not give, and the backbone is one; expected a BERT, RoBERTa or MPNet',
    ],
    [
      'a template',
      { name: 'p-tuning', template: 'a {text} {prompt}' },
      {},
      'method.template: puts text among the words',
    ],
    ['a broken file', { name: 'head' }, { task: { tags: 'ner' } }, 'no field "ner", which task.tags names'],
  ])('calls %s invalid', async (_what, method, more, message) => {
    const { verdicts } = await outcomeOf([toyMember(tagger(method, more))]);
    expect(verdicts[0]).toMatchObject({
      verdict: 'failed',
      cause: 'invalid',
      message: expect.stringContaining(message) as string,
    });
  });
});
