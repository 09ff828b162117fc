import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SuperGlue } from '#contracts/task.js';
import { datasetOf, type Parts, refuseEmpty } from './dataset.js';
import { atOnce } from './in-turns.js';
import { accuracy, f1, groupExactMatch, macroF1 } from './metrics/classification.js';
import { type DataRecord, readRecords } from './read-records.js';
import { taking } from './split.js';
import type { Dataset, Example } from './task.js';

type Row = Record<string, unknown>;
type Part = Omit<Example, 'id'>;

interface Reader {
  labels: string[];
  /** One row as the examples it holds, with T5's templates less the task token (Lester et al. 2021 drop it). */
  read(row: Row): Part[];
}

const text = (row: Row, key: string): string => String(row[key]);
const truth = (value: unknown): number => Number(value === true || value === 1);

const readers: Record<SuperGlue['dataset'], Reader> = {
  boolq: {
    labels: ['False', 'True'],
    read: (r) => [{ input: `passage: ${text(r, 'passage')} question: ${text(r, 'question')}`, label: truth(r['label']) }],
  },
  rte: {
    labels: ['entailment', 'not_entailment'],
    read: (r) => [
      {
        input: `hypothesis: ${text(r, 'hypothesis')} premise: ${text(r, 'premise')}`,
        label: Number(r['label'] === 'not_entailment'),
      },
    ],
  },
  copa: {
    labels: ['choice1', 'choice2'],
    read: (r) => [
      {
        input: `choice1: ${text(r, 'choice1')} choice2: ${text(r, 'choice2')} premise: ${text(r, 'premise')} question: ${text(r, 'question')}`,
        label: Number(r['label']),
      },
    ],
  },
  wic: {
    labels: ['False', 'True'],
    read: (r) => [
      {
        input: `sentence1: ${text(r, 'sentence1')} sentence2: ${text(r, 'sentence2')} word: ${text(r, 'word')}`,
        label: truth(r['label']),
      },
    ],
  },
  multirc: { labels: ['False', 'True'], read: multiRc },
};

/** One example an answer; the passage's HTML is removed. */
function multiRc(row: Row): Part[] {
  const { text: passage, questions } = row['passage'] as {
    text: string;
    questions: { question: string; answers: { text: string; label: number }[] }[];
  };
  const paragraph = passage.replaceAll(/<br>|<b>|<\/b>/g, ' ').replaceAll(/\s+/g, ' ');
  return questions.flatMap(({ question, answers }) =>
    answers.map((answer) => ({
      input: `question: ${question} answer: ${answer.text} paragraph: ${paragraph}`,
      label: answer.label,
      group: `${String(row['idx'])} ${question}`,
    })),
  );
}

/** A SuperGLUE task as published: trained on train.jsonl, selected on dev32.jsonl, reported on val.jsonl (test labels are not public).
 *  MultiRC reports F1a over answers and exact match over questions, the others accuracy and macro-F1. */
export function superGlue(config: SuperGlue): Dataset {
  const parts = atOnce(superGlueParts(config, readRecords));
  if (config.dataset !== 'multirc') {
    return datasetOf(parts, (_e, expected, said) => ({ accuracy: accuracy(expected, said), f1: macroF1(expected, said) }));
  }
  return datasetOf(
    parts,
    (examples, expected, said) => ({
      accuracy: accuracy(expected, said),
      f1: f1(expected, said, 1),
      exactMatch: groupExactMatch(expected, said, examples.map((e) => e.group!)), // prettier-ignore
    }),
    'f1',
  );
}

const files = { train: 'train.jsonl', validation: 'dev32.jsonl', test: 'val.jsonl' } as const;

/** The files that a task is read from. */
export const superGlueFiles = ({ path, dataset }: SuperGlue): string[] => Object.values(files).map((f) => join(path, dataset, f));

/** Its splits, a row at a time; the files' rows come from `records`. */
export function* superGlueParts(config: SuperGlue, records: (path: string) => readonly DataRecord[]): Generator<void, Parts> {
  const { labels } = readers[config.dataset];
  const salt = `superglue ${config.dataset}`;
  const split = function* (name: keyof typeof files): Generator<void, Example[]> {
    return yield* taking(yield* examplesOf(config, files[name], records), config[name], salt, name);
  };
  const [train, validation, test] = [yield* split('train'), yield* split('validation'), yield* split('test')];
  const parts = { name: salt, labels, labelWords: labels, train, validation, test };
  refuseEmpty(parts);
  return parts;
}

function* examplesOf(
  { dataset, path: folder }: SuperGlue,
  file: string,
  records: (path: string) => readonly DataRecord[],
): Generator<void, Example[]> {
  const path = join(folder, dataset, file);
  if (!existsSync(path)) throw new Error(`task.path: ${dataset} needs ${path}`);
  const examples: Example[] = [];
  for (const { line, fields } of records(path)) {
    yield;
    const parts = readers[dataset].read(fields);
    for (const [i, part] of parts.entries()) examples.push({ ...part, id: `${file}:${line}:${i}` });
  }
  return examples;
}
