import { basename } from 'node:path';
import type { FileClass } from '#contracts/tasks/file.js';
import { type Parts, refuseEmpty } from '../dataset.js';
import type { Example } from '../example.js';
import { fileRows, type FileRow, groupOf, labelOf, otherColumns } from './file-rows.js';
import { contentIds } from '../reading/content-ids.js';
import { placeIn } from '../reading/fields.js';
import type { DataRecord } from '../reading/data-record.js';
import { rowsReader } from '../reading/reader.js';
import { numberedLabels, sameLabels, type Spelled } from '../reading/spelling.js';
import { repeatedTexts, swallowedRows } from '../reading/suspicious-rows.js';
import { cutByRow, fileOfSplit, refuseSameFile, sharedFile } from '../reading/split-files.js';
import { type Split, splitOf, taking } from '../reading/split.js';
import { classDataset } from '../kinds/class.js';
import type { TaskDefinition } from '../task.js';

const salt = 'file';

/** Any CSV, TSV, JSON or JSONL file: a template over its columns and a column of labels. Splits that have no file of their own are cut from the
 *  training file, 80 / 10 / 10, by the hash of a row's group or of the whole row. */
export const fileTask: TaskDefinition<FileClass, 'class'> = {
  reader: ({ quote }) => rowsReader(quote),
  parts: fileParts,
  dataset: (parts) => classDataset(parts),
};

/** A file task's splits, a row at a time. */
function* fileParts(config: FileClass, records: (path: string) => readonly DataRecord[]): Generator<void, Parts<'class'>> {
  refuseSameFile(config);
  const main = records(config.path);
  const found = yield* labelsIn(config, main);
  const labels = classesOf(config, found);
  const classes = new Map(labels.map((label, i) => [label, i]));
  const warnings = [
    ...sameLabels(found),
    ...numberedLabels(found, config.label),
    ...sharedFile(config),
    ...swallowedRows(config.path, main),
  ];
  const splits: Record<Split, FileRow[]> = { train: [], validation: [], test: [] };
  for (const row of yield* fileRows(config, config.path, main, classes, warnings)) {
    yield;
    splits[fileOfSplit(config, splitOf(row.group ?? row.row, salt))].push(row);
  }
  for (const split of ['validation', 'test'] as const) {
    const path = config[`${split}Path`];
    if (!path) continue;
    const own = records(path);
    warnings.push(...otherColumns(config.path, main, path, own), ...swallowedRows(path, own));
    splits[split] = yield* fileRows(config, path, own, classes, warnings);
  }
  warnings.push(...(yield* repeatedTexts(splits, { labels, cut: cutByRow(config) })));
  const parts = {
    name: `file ${basename(config.path)}`,
    labels,
    labelWords: labels.map((l) => config.labelWords?.[l] ?? l),
    train: yield* taking(examplesOf(splits.train), config.train, salt, 'train'),
    validation: yield* taking(examplesOf(splits.validation), config.validation, salt, 'validation'),
    test: yield* taking(examplesOf(splits.test), config.test, salt, 'test'),
    warnings,
  };
  refuseEmpty(parts);
  refuseUnseen(config, parts);
  return parts;
}

function examplesOf(rows: readonly FileRow[]): Example<'class'>[] {
  const nameOf = contentIds();
  return rows.map(({ name, input, label, group }) => ({
    id: nameOf(name),
    input,
    answer: { label },
    ...(group !== undefined && { group }),
  }));
}

function refuseUnseen({ path }: FileClass, { labels, train }: Parts<'class'>): void {
  const trained = new Set(train.map((e) => e.answer.label));
  const unseen = labels.filter((_, i) => !trained.has(i));
  if (unseen.length) throw new Error(`no training example of ${path} has the label ${listed(unseen.map((l) => `"${l}"`))}`);
}

/** Labels of the training file in alphabetical order, each with its first row. */
function* labelsIn(config: FileClass, records: readonly DataRecord[]): Generator<void, Spelled[]> {
  const found = new Map<string, Spelled>();
  for (const record of records) {
    yield;
    const label = labelOf(config, config.path, record);
    if (config.groupBy !== null) groupOf(config.groupBy, config.path, record);
    if (!found.has(label)) found.set(label, { label, place: placeIn(config.path, record) });
  }
  if (found.size < 2) throw new Error(`column "${config.label}" of ${config.path} has one label only: "${[...found.keys()][0]}"`);
  return [...found.values()].toSorted((a, b) => (a.label < b.label ? -1 : 1));
}

/** Classes in the order of labelWords, or else in alphabetical order of what the file holds. */
function classesOf(config: FileClass, spelled: readonly Spelled[]): string[] {
  const found = spelled.map(({ label }) => label);
  if (!config.labelWords) return found;
  const known = Object.keys(config.labelWords);
  const missing = known.filter((l) => !found.includes(l));
  if (missing.length)
    throw new Error(`task.labelWords names "${missing[0]}", which ${config.path} does not hold; it holds ${listed(found)}`);
  const words = Object.entries(config.labelWords);
  for (const [i, [label, word]] of words.entries()) {
    const same = words.slice(0, i).find(([, other]) => other === word);
    if (same) throw new Error(`task.labelWords gives "${same[0]}" and "${label}" the same word "${word}"`);
  }
  return known;
}

const most = 20; // of a column of texts that was taken for labels

export function listed(words: readonly string[]): string {
  return words.length > most ? `${words.slice(0, most).join(', ')} and ${words.length - most} more` : words.join(', ');
}
