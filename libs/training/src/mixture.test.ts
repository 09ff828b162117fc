import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { TuneConfig } from '#contracts/trial.js';
import { startEngine } from '#engine/native/start.js';
import type { Tensors } from '#engine/step/step.js';
import { fixtureFolder } from '#models/fixtures/reference.js';
import type { Model } from '#models/model.js';
import { answeringOf } from './answers/table.js';
import { DataOrder, mixed, shuffled } from './tune/data-order.js';
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
import { answeringReader } from './rows/row-reader.js';
import { warmModel } from './warm/warm-models.js';
import { warmDataset, warmTask } from './rows/warm-task.js';

const file = (name: string, words: readonly string[], labelWords: Record<string, string>, rows: number) => {
  const path = join(folder, `${name}.jsonl`);
  const labels = Object.keys(labelWords);
  const row = (i: number) => ({
    text: `the ${words[i % words.length]} ${'on '.repeat(i % 3)}the ${i % 5 ? 'mat' : 'dog'} ${'a '.repeat(i % 7)}`,
    y: labels[i % words.length],
  });
  writeFileSync(path, Array.from({ length: rows }, (_, i) => JSON.stringify(row(i))).join('\n'));
  return { name: 'file', path, input: '{text}', label: 'y', labelWords };
};
const tagged = (name: string, type: string) => {
  const path = join(folder, `${name}.jsonl`);
  const row = (i: number) => ({
    tokens: ['the', i % 3 ? 'cat' : 'dog', ...Array<string>(i % 11).fill('on')],
    tags: ['O', i % 3 ? `B-${type}` : 'O', ...Array<string>(i % 11).fill('O')],
  });
  writeFileSync(path, Array.from({ length: 60 }, (_, i) => JSON.stringify(row(i))).join('\n'));
  return { name: 'tagging', path };
};
const pets = file('pets', ['dog', 'cat'], { dog: 'ran', cat: 'mat' }, 90);
const places = file('places', ['mat', 'sat', 'ran'], { m: 'mat', s: 'sat', r: 'a' }, 60);
const texts = { name: 'mixture', tasks: { pets, places }, maxLength: 8 };
const tags = {
  name: 'mixture',
  tasks: { animals: tagged('animals', 'PET'), others: tagged('others', 'X') },
  maxLength: 8,
};
const tolerance = 2e-4; // between a loss in a gang and alone

function config(
  backbone: string,
  method: object,
  { task = texts as object, training = {}, seed = 1 } = {},
): TuneConfig {
  return TuneConfig.parse({
    stage: 'tune',
    backbone: { folder: fixtureFolder(backbone) },
    task,
    method,
    training: {
      steps: 12,
      batch: 6,
      checkpointEvery: 6,
      optimizer: { name: 'adamw', learningRate: 0.02 },
      ...training,
    },
    seed,
  });
}

async function trained(trial: TuneConfig) {
  const member = toyMember(trial);
  const outcome = await outcomeOf([member]);
  const [verdict] = outcome.verdicts;
  if (verdict?.verdict !== 'succeeded') throw new Error(JSON.stringify(verdict));
  return { member, outcome, curve: curveOf(outcome, member), summary: verdict.summary };
}

beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});
afterAll(removeToys);

describe('the order of a mixture', () => {
  const tasks = [
    { name: 'a', share: 10, examples: 10 },
    { name: 'b', share: 4, examples: 7 },
    { name: 'c', share: 6, examples: 3 },
  ];
  const order = new DataOrder(mixed(1, tasks), 5);
  const epochs = Array.from({ length: 7 }, (_, e) => [0, 1, 2, 3].flatMap((b) => order.batchAt(e * 4 + b)));
  const of = (indices: number[], part: number) =>
    indices.filter((i) => [i < 10, i >= 10 && i < 17, i >= 17][part]);

  it('gives every task its share of each epoch', () => {
    for (const epoch of epochs) expect([0, 1, 2].map((p) => of(epoch, p).length)).toEqual([10, 4, 6]);
  });

  it("has gone through every task's examples equally often, and in other orders", () => {
    for (const [p, { examples }] of tasks.entries()) {
      const counts = new Map<number, number>();
      for (const i of of(epochs.flat(), p)) counts.set(i, (counts.get(i) ?? 0) + 1);
      expect(counts.size).toBe(examples);
      expect(new Set(counts.values()).size).toBe(1);
    }
    expect(new Set(epochs.map((e) => e.join())).size).toBe(epochs.length);
  });

  it('is a function of seed and step alone', () => {
    const later = new DataOrder(mixed(1, tasks), 5);
    expect(later.batchAt(13)).toEqual(order.batchAt(13));
    expect(later.batchAt(2)).toEqual(order.batchAt(2));
    expect(new DataOrder(mixed(2, tasks), 5).batchAt(2)).not.toEqual(order.batchAt(2));
    expect(new DataOrder(shuffled(1, 20), 5).batchAt(2)).not.toEqual(order.batchAt(2));
  });
});

describe.each(['bert', 'roberta', 'mpnet', 't5-v1.1', 'bart', 'gpt2', 'llama'])(
  'label words of a mixture on %s',
  (backbone) => {
    let model: Model;
    beforeAll(async () => {
      model = await warmModel(fixtureFolder(backbone));
    });

    /** Scores and losses of the first test examples of one task of a mixture, or of the same task alone. */
    function answered(task: object, first: number) {
      const parsed = TuneConfig.shape.task.parse(task);
      const answers = answeringOf(model, { task: parsed }, warmDataset(parsed));
      const encoded = warmTask(parsed, answers);
      const rows = [0, 1, 2].flatMap((i) => encoded.example('test', first + i).rows);
      return tf.tidy(() => {
        const batch = answeringReader(answers, 1)([rows]);
        const [weights, constants] = [model.weights as Tensors, answers.constants()];
        const scores = answers.outputs({ weights, adaptation: {}, batch, constants }).arraySync();
        return { scores, losses: answers.losses({ weights, adaptation: {}, batch, constants }).arraySync() };
      });
    }

    it("answers each example as its task alone does, and never with another task's word", () => {
      const dataset = warmDataset(TuneConfig.shape.task.parse(texts));
      for (const { name, dataset: alone, labels } of dataset.tasks!) {
        const first = dataset.test.findIndex((e) => e.id.startsWith(`${name}/`));
        const mixture = answered(texts, first);
        const own = answered({ ...texts.tasks[name as 'pets'], maxLength: 8 }, 0);
        expect(alone.labelWords).toHaveLength(labels.to - labels.from);
        for (const [i, row] of mixture.scores.entries()) {
          expect(gapOf(row.slice(labels.from, labels.to), own.scores[i]!)).toBeLessThan(1e-4);
          expect(Math.max(...row.filter((_, c) => c < labels.from || c >= labels.to))).toBeLessThan(-1e8);
        }
        expect(gapOf(mixture.losses, own.losses)).toBeLessThan(1e-5);
      }
    });
  },
);

describe('training on a mixture', () => {
  const cases = [
    { backbone: 'bert', method: { name: 'head' } },
    { backbone: 'bert', method: { name: 'p-tuning-v2', length: 3 } },
    { backbone: 'bert', method: { name: 'p-tuning-v2', length: 3, layers: [1, 1] } },
    { backbone: 'bert', method: { name: 'lora', rank: 2 } },
    { backbone: 't5-v1.1', method: { name: 'prompt-tuning', length: 3, init: 'class-labels' } },
    { backbone: 'gpt2', method: { name: 'prefix-tuning', length: 3, hidden: 8 } },
    { backbone: 'bert', method: { name: 'p-tuning-v2', length: 3 }, task: tags },
    { backbone: 'bert', method: { name: 'head' }, task: tags },
  ];

  it.each(cases)(
    'goes on as it was, alone and in a gang: $backbone $method',
    async ({ backbone, method, task }) => {
      const trial = config(backbone, method, { ...(task && { task }) });
      const { member, outcome, curve, summary } = await trained(trial);
      const names = task ? ['animals', 'others'] : ['pets', 'places'];
      const metric = task ? 'f1' : 'accuracy';
      expect(summary.test[metric]).toBeCloseTo(
        (summary.test[`${names[0]}/${metric}`]! + summary.test[`${names[1]}/${metric}`]!) / 2,
        6,
      );
      const untrained = task ? ['majority', 'word-tags'] : ['majority', 'naive-bayes', 'zero-shot'];
      expect(Object.keys(summary.references)).toEqual([
        ...untrained,
        ...names.flatMap((n) => untrained.map((u) => `${n}/${u}`)),
      ]);

      const tensors = tf.memory().numTensors;
      const resumed = toyMember(trial, checkpointOf(outcome, member, 'resume', 6));
      expect(curveOf(await outcomeOf([resumed]), resumed)).toEqual(curve.slice(6));
      const [again, other] = [toyMember(trial), toyMember({ ...trial, seed: 2 })];
      expect(gapOf(curveOf(await outcomeOf([again, other]), again), curve)).toBeLessThan(tolerance);
      expect(tf.memory().numTensors).toBe(tensors);
    },
    60_000,
  );

  it("begins a head's softmax over the labels of the own task alone", async () => {
    const one = config('bert', { name: 'head' }, { training: { steps: 1, batch: 2 } });
    const seen: number[] = [];
    for (let seed = 1; seed <= 12; seed++) seen.push((await trained({ ...one, seed })).curve[0]!);
    // n of the two are from the task of two labels
    const possible = [0, 1, 2].map((n) => (n * Math.log(2) + (2 - n) * Math.log(3)) / 2);
    for (const loss of seen) expect(Math.min(...possible.map((p) => Math.abs(p - loss)))).toBeLessThan(1e-5);
    expect(new Set(seen.map((loss) => loss.toFixed(4))).size).toBeGreaterThan(1);
  });

  it('reads states once as it reads them at every step', async () => {
    const trial = config('bert', { name: 'p-tuning-v2', length: 3, layers: [1, 1] });
    const once = await trained(trial);
    const member = toyMember(trial);
    const each = await outcomeOf([member], undefined, { ...host, stateBytes: 0 });
    expect(gapOf(curveOf(each, member), once.curve)).toBeLessThan(tolerance);
  });

  it('learns both tasks at once', async () => {
    const training = {
      steps: 250,
      batch: 16,
      evaluateEvery: 50,
      optimizer: { name: 'adamw', learningRate: 0.01 },
    };
    const { summary } = await trained(config('bert', { name: 'full' }, { training }));
    expect(summary.test['pets/accuracy']).toBeGreaterThan(0.95);
    expect(summary.test['places/accuracy']).toBeGreaterThan(0.95);
  }, 60_000);

  it('reads decoded words in either task', async () => {
    const task = { ...texts, answer: { by: 'decoding' } };
    const training = {
      steps: 250,
      batch: 16,
      evaluateEvery: 50,
      optimizer: { name: 'adamw', learningRate: 0.01 },
    };
    const { summary } = await trained(config('t5-v1.1', { name: 'full' }, { task, training }));
    expect(summary.validation['pets/accuracy']).toBeGreaterThan(0.95);
    expect(summary.validation['places/accuracy']).toBeGreaterThan(0.95);
  }, 60_000);
});
