import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Submission } from '#contracts/client.js';

const fixtures = resolve(__dirname, '..', 'fixtures');
const models = resolve(__dirname, '..', '..', 'libs', 'models', 'src', 'fixtures');

export const animals = join(fixtures, 'animals.jsonl');

/** The same examples in a file of other content: trials on it are others to the planner, and must give the
 *  same numbers. */
export function copyOfAnimals(folder: string, name: string): string {
  const path = join(folder, name, 'animals.jsonl');
  mkdirSync(join(folder, name));
  // rows are told by what they hold
  const blank = [...name].map((c) => '\n'.repeat(c.charCodeAt(0) % 64) + ' ').join('\n');
  writeFileSync(path, `${readFileSync(animals, 'utf8')}${blank}\n`);
  return path;
}

export const tinyBert = { folder: join(models, 'bert') };
export const tinyT5 = { folder: join(models, 't5-v1.1') };

type Experiment = Exclude<Submission, string>;
type Grid = Experiment['grids'][number];

/** Prompt tuning of a tiny BERT on 160 sentences: a trial takes about a second. */
export function animalGrid(path: string, overrides: Partial<Grid> & { training?: object } = {}): Grid {
  return {
    name: 'animals',
    backbone: tinyBert,
    task: { name: 'file', path, input: '{text}', label: 'label', train: 96, maxLength: 8 },
    method: { name: 'prompt-tuning', length: 2, init: 'random' },
    ...overrides,
    training: {
      steps: 40,
      batch: 8,
      optimizer: { name: 'adamw', learningRate: 0.05 },
      evaluateEvery: 10,
      ...overrides.training,
    },
  };
}

/** A trial long enough to be hit in the middle, with a resume state now and then. */
export function longGrid(path: string, seeds: number[] = [1], steps = 2000): Grid {
  return animalGrid(path, {
    training: { steps, evaluateEvery: 500, checkpointEvery: 200 },
    grid: { seed: seeds },
  });
}

/** Prompts for a mixture of two tasks on the same sentences, and from them one for one of the tasks. */
export function transferGrid(path: string): Grid {
  const { task, ...grid } = animalGrid(path, { method: { name: 'p-tuning-v2', length: 2 } });
  const tasks = { animals: withoutLength(task), few: { ...withoutLength(task), train: 32 } };
  return {
    ...grid,
    name: 'transfer',
    task,
    grid: {
      from: [null, { task: { name: 'mixture', tasks, maxLength: 8 }, training: { steps: 20 } }],
      seed: [1, 2],
    },
  };
}

/** Three prompts, each asked another wording of their task, and all together. */
export function askingGrid(path: string): Grid {
  const { task } = animalGrid(path);
  const other = { ...(task as object), input: 'animal: {text}' };
  return animalGrid(path, {
    name: 'asking',
    grid: { evaluate: [null, { task: other }, { ensemble: {} }], seed: [1, 2, 3] },
  });
}

function withoutLength(task: Grid['task']): Record<string, string | number> {
  const { maxLength: _whole, ...own } = task as Record<string, string | number>;
  return own;
}

/** A tiny T5, pretrained from nothing, adapted to two lengths, each of which a prompt is then tuned on. */
export function adaptationGrid(path: string): Grid {
  const corpus = { sources: [{ path: join(fixtures, 'animals.txt') }] };
  return {
    name: 'adaptation',
    backbone: {
      pretrain: {
        size: { family: 't5', dModel: 16, dKv: 8, dFf: 32, layers: 1, heads: 2 },
        tokenizer: tinyT5.folder,
        corpus,
        steps: 20,
        batch: 4,
        length: 24,
      },
      adapt: { corpus, steps: 10, batch: 4, length: 24 },
    },
    task: { name: 'file', path, input: '{text}', label: 'label', train: 32, maxLength: 8 },
    method: { name: 'prompt-tuning', length: 2, init: 'random' },
    training: { steps: 10, batch: 8, optimizer: { name: 'adamw', learningRate: 0.05 } },
    grid: { 'backbone.adapt.steps': [10, 300] },
  };
}
