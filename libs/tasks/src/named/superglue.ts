import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SuperGlue } from '#contracts/tasks/superglue.js';
import { type Parts, refuseEmpty } from '../dataset.js';
import type { Example, Segments } from '../example.js';
import { accuracyOf, binaryF1Of, classDataset, groupsOf } from '../kinds/class.js';
import type { DataRecord } from '../reading/data-record.js';
import { rowsReader } from '../reading/reader.js';
import { placeIn } from '../reading/fields.js';
import { repeatedTexts } from '../reading/suspicious-rows.js';
import { taking } from '../reading/split.js';
import { superGlueRow, type SuperGlueRows } from './superglue-rows.js';
import type { TaskDefinition } from '../task.js';

interface Part {
  input: Segments;
  label: number;
  group?: string;
}

interface Reader<D extends SuperGlue['dataset']> {
  labels: string[];
  /** One row as the examples it holds, with T5's templates less the task token (Lester et al. 2021 drop it). */
  read(row: SuperGlueRows[D]): Part[];
}

type PlacedPart = Part & { id: string; place: string };

const readers: { [D in SuperGlue['dataset']]: Reader<D> } = {
  boolq: {
    labels: ['False', 'True'],
    read: (r) => [{ input: [`passage: ${r.passage} question: ${r.question}`], label: Number(r.label) }],
  },
  rte: {
    labels: ['entailment', 'not_entailment'],
    read: (r) => [{ input: [`hypothesis: ${r.hypothesis} premise: ${r.premise}`], label: Number(r.label === 'not_entailment') }],
  },
  copa: {
    labels: ['choice1', 'choice2'],
    read: (r) => [
      {
        input: [`choice1: ${r.choice1} choice2: ${r.choice2} premise: ${r.premise} question: ${r.question}`],
        label: r.label,
      },
    ],
  },
  wic: {
    labels: ['False', 'True'],
    read: (r) => [{ input: [`sentence1: ${r.sentence1} sentence2: ${r.sentence2} word: ${r.word}`], label: Number(r.label) }],
  },
  multirc: { labels: ['False', 'True'], read: multiRc },
};

/** One example an answer; the passage's HTML is removed. */
function multiRc({ idx, passage: { text, questions } }: SuperGlueRows['multirc']): Part[] {
  const paragraph = text.replaceAll(/<br>|<b>|<\/b>/g, ' ').replaceAll(/\s+/g, ' ');
  return questions.flatMap(({ question, answers }) =>
    answers.map((answer) => ({
      input: [`question: ${question} answer: ${answer.text} paragraph: ${paragraph}`],
      label: answer.label,
      group: `${idx} ${question}`,
    })),
  );
}

/** A row that fits the dataset's schema, as its examples. */
function partsOf<D extends SuperGlue['dataset']>(dataset: D, path: string, record: DataRecord): Part[] {
  return readers[dataset].read(superGlueRow(dataset, path, record));
}

/** A SuperGLUE task as published: trained on train.jsonl, selected on dev32.jsonl, reported on val.jsonl (test labels are not public).
 *  MultiRC reports F1a over answers and exact match over questions, the others accuracy and macro-F1. */
export const superGlue: TaskDefinition<SuperGlue, 'class'> = {
  reader: ({ dataset }) => ({
    ...rowsReader(),
    atOnce(path) {
      if (!existsSync(path)) throw new Error(`task.path: ${dataset} needs ${path}`);
      return rowsReader().atOnce(path);
    },
  }),
  parts: superGlueParts,
  dataset: (parts, { dataset }) =>
    dataset === 'multirc'
      ? classDataset(parts, { metrics: [accuracyOf, binaryF1Of, groupsOf], validateBy: 'f1' })
      : classDataset(parts),
};

const files = { train: 'train.jsonl', validation: 'dev32.jsonl', test: 'val.jsonl' } as const;

/** Its splits, a row at a time; the files' rows come from `records`. Throws an Error naming file, line and field. */
function* superGlueParts(config: SuperGlue, records: (path: string) => readonly DataRecord[]): Generator<void, Parts<'class'>> {
  const { labels } = readers[config.dataset];
  const salt = `superglue ${config.dataset}`;
  const read = {
    train: yield* placedExamples(config, files.train, records),
    validation: yield* placedExamples(config, files.validation, records),
    test: yield* placedExamples(config, files.test, records),
  };
  const split = (name: keyof typeof files) =>
    taking(
      read[name].map(({ place: _place, label, ...example }): Example<'class'> => ({ ...example, answer: { label } })),
      config[name],
      salt,
      name,
    );
  const parts = {
    name: salt,
    labels,
    labelWords: labels,
    train: yield* split('train'),
    validation: yield* split('validation'),
    test: yield* split('test'),
    warnings: yield* repeatedTexts(read, { labels }),
  };
  refuseEmpty(parts);
  return parts;
}

function* placedExamples(
  { dataset, path: folder }: SuperGlue,
  file: string,
  records: (path: string) => readonly DataRecord[],
): Generator<void, PlacedPart[]> {
  const path = join(folder, dataset, file);
  const examples: PlacedPart[] = [];
  for (const record of records(path)) {
    yield;
    const parts = partsOf(dataset, path, record);
    const place = placeIn(path, record);
    for (const [i, part] of parts.entries()) examples.push({ ...part, id: `${file}:${record.line}:${i}`, place });
  }
  return examples;
}
