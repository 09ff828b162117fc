import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { Method, type MethodName } from '#contracts/method.js';
import { sourceOf, TuneConfig } from '#contracts/trial.js';
import { startEngine } from '#engine/native/start.js';
import { readSafetensors } from '#models/weights/safetensors.js';
import {
  checkpointOf,
  curveOf,
  folder,
  gapOf,
  outcomeOf,
  removeToys,
  toyConfig,
  toyMember,
} from './fixtures/toy.js';

const small: Partial<Record<MethodName, object>> = {
  'prompt-tuning': { length: 3 },
  lora: { rank: 2 },
  adapter: { bottleneck: 4 },
  'prefix-tuning': { length: 3, hidden: 8 },
  'p-tuning-v2': { length: 3, hidden: 8 },
  mam: { length: 3, hidden: 8, bottleneck: 4 },
  dora: { rank: 2 },
  qlora: { rank: 2 },
  adalora: { rank: 3, targetRank: 2, warmup: 4, final: 2, orthogonality: 1e-6 },
  unipelt: { length: 3, hidden: 8, bottleneck: 4, rank: 2 },
  'top-layers': { layers: 1 },
  'p-tuning': { length: 3 },
};
const methods = Method.options.map((o) => o.shape.name.value).filter((name) => name !== 'head');
const cases = [
  ...methods.map((name) => ({ backbone: 'bert', method: { name, ...small[name] } })),
  { backbone: 't5-v1.1', method: { name: 'prefix-tuning', length: 2, hidden: 8 } },
  { backbone: 't5-v1.1', method: { name: 'prompt-tuning', length: 3, place: 'encoder-and-decoder' } },
  { backbone: 't5-v1.1', method: { name: 'full' } },
  { backbone: 'gpt2', method: { name: 'p-tuning', length: 3, encoder: 'lstm' } },
  { backbone: 'bart', method: { name: 'mam', length: 2, hidden: 8, bottleneck: 4 } },
  { backbone: 'llama', method: { name: 'adalora', rank: 3, targetRank: 2, warmup: 4, final: 2 } },
  { backbone: 'llama', method: { name: 'prefix-tuning', length: 2, hidden: null } },
];
const tolerance = 2e-4; // between a loss in a gang and alone
const still = { steps: 1, optimizer: { name: 'adamw', learningRate: 1e-60 } }; // zero, as a float
const tagsPath = (name: string, tag: string): string => {
  const path = join(folder, `${name}.jsonl`);
  const row = (i: number) => ({
    tokens: ['the', i % 3 ? 'cat' : 'dog', ...Array<string>(i % 11).fill('on')],
    tags: ['O', i % 3 ? tag : 'O', ...Array<string>(i % 11).fill('O')],
  });
  writeFileSync(path, Array.from({ length: 60 }, (_, i) => JSON.stringify(row(i))).join('\n'));
  return path;
};

/** A trial like `before`'s, with another seed, that starts from it. */
function following(before: TuneConfig, change: Partial<TuneConfig> = {}): TuneConfig {
  const { task, training, seed } = before;
  return { ...before, seed: seed + 10, ...change, from: { task, training, seed } };
}

async function trained(
  config: TuneConfig,
  sourceFolder: string | null = null,
  resumeFolder: string | null = null,
) {
  const member = { ...toyMember(config, resumeFolder), sourceFolder };
  const outcome = await outcomeOf([member]);
  const [verdict] = outcome.verdicts;
  if (verdict?.verdict !== 'succeeded') throw new Error(JSON.stringify(verdict));
  return {
    member,
    outcome,
    curve: curveOf(outcome, member),
    adapter: checkpointOf(outcome, member, 'adapter'),
    summary: verdict.summary,
  };
}

/** Every tensor of an adapter's folder but a head's. */
function tensorsIn(adapter: string): Record<string, Record<string, number[]>> {
  const files = readdirSync(adapter).filter((name) => name.endsWith('.safetensors'));
  const tensors = (file: string) =>
    [...readSafetensors(join(adapter, file))].filter(([name]) => !name.includes('classifier.'));
  return Object.fromEntries(
    files.map((file) => [
      file,
      Object.fromEntries(tensors(file).map(([n, t]) => [n, Array.from(t.values, (x) => x + 0)])),
    ]),
  );
}

beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});
afterAll(removeToys);

describe('a trial that starts from another', () => {
  it.each(cases)(
    'begins with what that one ended with, bit by bit: $backbone $method',
    async ({ backbone, method }) => {
      const before = toyConfig(backbone, method, { training: { steps: 6 } });
      const source = await trained(before);
      const tensors = tf.memory().numTensors;
      const after = await trained(
        following(before, toyConfig(backbone, method, { training: still, seed: 11 })),
        source.adapter,
      );
      expect(tensorsIn(after.adapter)).toEqual(tensorsIn(source.adapter));
      expect(tf.memory().numTensors).toBe(tensors);
      const alone = await trained(toyConfig(backbone, method, { training: still, seed: 11 }));
      expect(tensorsIn(alone.adapter)).not.toEqual(tensorsIn(source.adapter));
    },
    60_000,
  );

  const prompt = { name: 'prompt-tuning', length: 3 };

  it('goes on with another task, alone as in a gang, where each member has a source of its own', async () => {
    const task = { labelWords: { cat: 'dog', dog: 'the' } };
    const sources: Awaited<ReturnType<typeof trained>>[] = [];
    for (const seed of [1, 2]) sources.push(await trained(toyConfig('bert', prompt, { seed })));
    const configs = [1, 2].map((seed) =>
      following(
        toyConfig('bert', prompt, { seed }),
        toyConfig('bert', prompt, { task, seed, training: { checkpointEvery: 6 } }),
      ),
    );
    const solo: typeof sources = [];
    for (const [i, config] of configs.entries()) solo.push(await trained(config, sources[i]!.adapter));
    const members = configs.map((config, i) => ({ ...toyMember(config), sourceFolder: sources[i]!.adapter }));
    const together = await outcomeOf(members);
    for (const [i, member] of members.entries())
      expect(gapOf(curveOf(together, member), solo[i]!.curve)).toBeLessThan(tolerance);
    expect(gapOf(solo[0]!.curve, (await trained(configs[0]!, sources[1]!.adapter)).curve)).toBeGreaterThan(
      1e-3,
    );

    const resume = checkpointOf(solo[0]!.outcome, solo[0]!.member, 'resume', 6);
    expect((await trained(configs[0]!, sources[0]!.adapter, resume)).curve).toEqual(solo[0]!.curve.slice(6));
  }, 60_000);

  it('has a new head where words are tagged, whatever tags the source had', async () => {
    const tagger = (path: string, training: object = {}) => {
      const {
        backbone,
        method,
        training: base,
        seed,
      } = toyConfig('bert', { name: 'p-tuning-v2', length: 3 }, { training });
      return TuneConfig.parse({
        stage: 'tune',
        backbone,
        method,
        training: base,
        seed,
        task: { name: 'tagging', path, maxLength: 8 },
      });
    };
    const before = tagger(tagsPath('pets', 'B-PET'));
    const source = await trained(before);
    const plain = tagger(tagsPath('plain', 'NOUN'), still);
    const { curve, adapter } = await trained(
      following(before, { task: plain.task, training: plain.training }),
      source.adapter,
    );
    expect(curve[0]).toBeCloseTo(Math.log(2), 5); // from zero, over two tags of its own
    expect(tensorsIn(adapter)).toEqual(tensorsIn(source.adapter));
  }, 60_000);

  it('fails where the source left nothing, or something else', async () => {
    const config = following(toyConfig('bert', prompt));
    const verdictOf = async (sourceFolder: string | null) =>
      (await outcomeOf([{ ...toyMember(config), sourceFolder }])).verdicts[0];
    expect(await verdictOf(null)).toMatchObject({
      verdict: 'failed',
      message: expect.stringContaining('left no parameters') as string,
    });
    const longer = await trained(toyConfig('bert', { ...prompt, length: 4 }));
    expect(await verdictOf(longer.adapter)).toMatchObject({
      verdict: 'failed',
      cause: 'invalid',
      message: expect.stringMatching(/parameter \S+ is \[4,16\]; expected \[3,16\]/) as string,
    });
    const tensors = tf.memory().numTensors;
    await verdictOf(longer.adapter);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it("is the same trial as the source's own cell", () => {
    const before = toyConfig('bert', prompt);
    expect(sourceOf(following(before))).toEqual(before);
    expect(sourceOf(before)).toBeUndefined();
  });
});
