import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as tf from '@tensorflow/tfjs';
import { predictionsFile } from '#contracts/predictions.js';
import { Evaluation, type EvaluateConfig, TuneConfig } from '#contracts/trial.js';
import { startEngine } from '#engine/native/start.js';
import { checkpointOf, folder, outcomeOf, removeToys, toyConfig, toyMember } from '../fixtures/toy.js';
import { toyTask } from '../fixtures/kinds.js';

const byHead = { answer: { by: 'head' } };
const cases: { backbone: string; method: object; task?: object }[] = [
  { backbone: 'bert', method: { name: 'prompt-tuning', length: 3 } },
  { backbone: 'bert', method: { name: 'p-tuning', length: 3 } },
  { backbone: 'bert', method: { name: 'prefix-tuning', length: 3, hidden: 8 } },
  { backbone: 'bert', method: { name: 'adalora', rank: 3, targetRank: 2, warmup: 2, final: 2 } },
  { backbone: 'bert', method: { name: 'full' } },
  { backbone: 'bert', method: { name: 'head' } },
  { backbone: 'bert', method: { name: 'p-tuning-v2', length: 3 } },
  { backbone: 'bert', method: { name: 'lora', rank: 2 }, task: byHead },
  { backbone: 'bert', method: { name: 'full' }, task: byHead },
  { backbone: 'bert', method: { name: 'lora', rank: 2 }, task: toyTask('tags') },
  { backbone: 't5-v1.1', method: { name: 'prompt-tuning', length: 3 } },
  { backbone: 'gpt2', method: { name: 'lora', rank: 2 } },
  { backbone: 'llama', method: { name: 'prefix-tuning', length: 2, hidden: null }, task: toyTask('text') },
];

const config = ({ backbone, method, task }: (typeof cases)[number], change: object = {}): TuneConfig => {
  const made = toyConfig(backbone, method, change);
  if (!task) return made;
  const own = 'name' in task ? task : { ...toyConfig(backbone, method).task, ...task };
  return { ...made, task: TuneConfig.shape.task.parse(own) };
};

const asking = (trained: TuneConfig, evaluate: object): EvaluateConfig => ({
  ...trained,
  stage: 'evaluate',
  evaluate: Evaluation.parse(evaluate),
});

/** What a trial ended with: its adapter, what it said, its summary. */
async function ended(
  of: TuneConfig | EvaluateConfig,
  evaluatedFolders?: string[],
  sourceFolder: string | null = null,
) {
  const member = { ...toyMember(of), sourceFolder, ...(evaluatedFolders && { evaluatedFolders }) };
  const outcome = await outcomeOf([member]);
  const [verdict] = outcome.verdicts;
  if (verdict?.verdict !== 'succeeded') throw new Error(JSON.stringify(verdict));
  const lines = gunzipSync(readFileSync(join(checkpointOf(outcome, member, 'predictions'), predictionsFile)));
  return { outcome, member, summary: verdict.summary, said: lines.toString() };
}

const adapterOf = ({ outcome, member }: Awaited<ReturnType<typeof ended>>): string =>
  checkpointOf(outcome, member, 'adapter');

beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});
afterAll(removeToys);

describe('a trained trial that is asked', () => {
  it.each(cases)(
    'says of its own task what it said when it ended: $backbone $method $task',
    async (of) => {
      const own = config(of);
      const trained = await ended(own);
      const tensors = tf.memory().numTensors;
      const again = await ended(asking(own, { task: own.task }), [adapterOf(trained)]);
      expect(again.said).toBe(trained.said);
      expect(again.summary).toMatchObject({
        test: trained.summary.test,
        validation: trained.summary.validation,
        references: trained.summary.references,
        trainableParameters: trained.summary.trainableParameters,
        steps: 0,
      });
      expect(tf.memory().numTensors).toBe(tensors);
    },
    60_000,
  );

  const prompt = { backbone: 'bert', method: { name: 'prompt-tuning', length: 3 } };

  it('answers another task with other labels as one that starts from it and stands still', async () => {
    const own = config(prompt);
    const other = config(prompt, {
      task: { labelWords: { cat: 'dog', dog: 'the' }, input: 'a {text}' },
      training: { steps: 1, optimizer: { name: 'adamw', learningRate: 1e-60 } },
    });
    const trained = await ended(own);
    const { task, training, seed } = own;
    const still = await ended({ ...other, from: { task, training, seed } }, undefined, adapterOf(trained));
    const asked = await ended(asking(own, { task: other.task }), [adapterOf(trained)]);
    expect(asked.said).toBe(still.said);
    expect(asked.summary.test).toEqual(still.summary.test);
  }, 60_000);

  it('is refused where its head was trained for other labels, and where it left nothing', async () => {
    const path = join(folder, 'birds.jsonl');
    const rows = Array.from({ length: 60 }, (_, i) => ({ text: `the ${i} on`, y: i % 2 ? 'bird' : 'cat' }));
    writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'));
    const own = config({ backbone: 'bert', method: { name: 'head' } });
    const trained = await ended(own);
    const task = { name: 'file', path, input: '{text}', label: 'y', maxLength: 8 };
    const verdictOf = async (folders: string[]) => {
      const member = { ...toyMember(asking(own, { task })), evaluatedFolders: folders };
      return (await outcomeOf([member])).verdicts[0];
    };
    expect(await verdictOf([adapterOf(trained)])).toMatchObject({
      cause: 'invalid',
      message: "evaluate.task: has the labels bird, cat, and the trial's head was trained for cat, dog",
    });
    expect(await verdictOf([])).toMatchObject({ verdict: 'failed' });
  });
});

describe.each([
  { backbone: 'bert', method: { name: 'prompt-tuning', length: 3 }, task: toyTask('class') },
  { backbone: 'bert', method: { name: 'full' }, task: toyTask('class') },
  { backbone: 'gpt2', method: { name: 'lora', rank: 2 }, task: toyTask('choice') },
])('an ensemble of $backbone $method', (of) => {
  it('says what most of its members say, in one pass as alone', async () => {
    const seeds = [1, 2, 3];
    const learned = { training: { steps: 5, optimizer: { name: 'adamw', learningRate: 0.05 } } };
    const members: Awaited<ReturnType<typeof ended>>[] = [];
    for (const seed of seeds) members.push(await ended(config(of, { ...learned, seed })));
    const first = config(of, { ...learned, seed: 1 });
    const folders = members.map(adapterOf);
    const { said, summary } = await ended(asking(first, { ensemble: { seeds } }), folders);
    const place = of.backbone === 'gpt2' ? 'choice' : 'label';
    const labelOf = (line: string) => (JSON.parse(line) as { said: Record<string, number> }).said[place]!;
    const labelsIn = (text: string) => text.trim().split('\n').slice(1).map(labelOf);
    const each = members.map((m) => labelsIn(m.said));
    const voted = labelsIn(said);
    expect(new Set(each.map(String)).size).toBeGreaterThan(1); // they differ in something
    for (const [e, label] of voted.entries()) {
      const votes = each.map((own) => own[e]!);
      expect(votes.filter((v) => v === label).length).toBe(
        Math.max(...votes.map((v) => votes.filter((w) => w === v).length)),
      );
    }
    const own = members.map((m) => m.summary.test['accuracy']!);
    expect(summary.test['members-mean/accuracy']).toBeCloseTo(own.reduce((a, b) => a + b) / 3, 12);
    expect(summary.test['members-best/accuracy']).toBe(Math.max(...own));
    expect(summary.test['vote/accuracy']).toBe(summary.test['accuracy']);
    expect(summary.metrics['mean/accuracy']).toEqual(summary.metrics['accuracy']);
    expect(summary.trainableParameters).toBe(3 * members[0]!.summary.trainableParameters);

    const mean = await ended(asking(first, { ensemble: { seeds, combine: 'mean' } }), folders);
    expect(mean.summary.test).toEqual({
      ...summary.test,
      accuracy: summary.test['mean/accuracy'],
      ...f1Of(summary.test),
    });
  }, 60_000);
});

const f1Of = (test: Record<string, number>): object => ('f1' in test ? { f1: test['mean/f1'] } : {});
