import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { FileTask } from '#contracts/task.js';
import { datasetOf, type Parts, refuseEmpty } from './dataset.js';
import { atOnce } from './in-turns.js';
import { type DataRecord, readRecords } from './read-records.js';
import { splitOf, taking } from './split.js';
import type { Dataset, Example } from './task.js';
import { template } from './template.js';

const salt = 'file';

/** Any CSV or JSONL file: a template over its columns and a column of labels. Splits that have no file of their own are cut from the
 *  training file, 80 / 10 / 10, by the hash of a row's group or text. */
export const fileTask = (config: FileTask): Dataset => datasetOf(atOnce(fileParts(config, readRecords)));

/** A file task's splits, a row at a time; the files' rows come from `records`. Throws an Error naming file, line or knob. */
export function* fileParts(config: FileTask, records: (path: string) => readonly DataRecord[]): Generator<void, Parts> {
  const main = records(config.path);
  const labels = labelsOf(config, main);
  const splits = { train: [] as Example[], validation: [] as Example[], test: [] as Example[] };
  for (const example of yield* examplesOf(config, config.path, main, labels)) {
    yield;
    let split = splitOf(example.group ?? example.input, salt);
    if ((split === 'validation' && config.validationPath) || (split === 'test' && config.testPath)) split = 'train';
    splits[split].push(example);
  }
  for (const split of ['validation', 'test'] as const) {
    const path = config[`${split}Path`];
    if (path) splits[split] = yield* examplesOf(config, path, records(path), labels);
  }
  const parts = {
    name: `file ${basename(config.path)}`,
    labels,
    labelWords: labels.map((l) => config.labelWords?.[l] ?? l),
    train: yield* taking(splits.train, config.train, salt, 'train'),
    validation: yield* taking(splits.validation, config.validation, salt, 'validation'),
    test: yield* taking(splits.test, config.test, salt, 'test'),
  };
  refuseEmpty(parts);
  refuseUnseen(config, parts);
  return parts;
}

function refuseUnseen({ path }: FileTask, { labels, train }: Parts): void {
  const trained = new Set(train.map((e) => e.label));
  const unseen = labels.filter((_, i) => !trained.has(i));
  if (unseen.length) throw new Error(`no training example of ${path} has the label ${listed(unseen.map((l) => `"${l}"`))}`);
}

function* examplesOf(
  config: FileTask,
  path: string,
  records: readonly DataRecord[],
  labels: readonly string[],
): Generator<void, Example[]> {
  const nameOf = contentIds();
  const classes = new Map(labels.map((label, i) => [label, i]));
  const examples: Example[] = [];
  for (const record of records) {
    yield;
    const example = exampleOf(config, path, record, classes);
    examples.push({ ...example, id: nameOf(example.input, labels[example.label]!) });
  }
  return examples;
}

/** Classes in the order of labelWords, or else in alphabetical order of what the file holds. */
function labelsOf(config: FileTask, records: readonly DataRecord[]): string[] {
  const found = [...new Set(records.map((r) => labelOf(config, config.path, r)))].toSorted();
  if (found.length < 2) throw new Error(`column "${config.label}" of ${config.path} has one label only: "${found[0]}"`);
  if (!config.labelWords) return found;
  const known = Object.keys(config.labelWords);
  const missing = known.filter((l) => !found.includes(l));
  if (missing.length)
    throw new Error(`task.labelWords names "${missing[0]}", which ${config.path} does not hold; it holds ${listed(found)}`);
  return known;
}

function labelOf(config: FileTask, path: string, { line, fields }: DataRecord): string {
  const value = fields[config.label];
  if (value === undefined)
    throw new Error(
      `${path} has no column "${config.label}", which task.label names; there are ${Object.keys(fields).join(', ')}`,
    );
  if (value === null || value === '') throw new Error(`${path}, line ${line}: no label in column "${config.label}"`);
  return String(value);
}

/** Names by content, so that neither a file's name nor the order of its rows changes what is trained on; equal rows are numbered. */
export function contentIds(): (input: string, label: string) => string {
  const met = new Map<string, number>();
  return (input, label) => {
    const id = createHash('sha256')
      .update(JSON.stringify([input, label]))
      .digest('hex')
      .slice(0, 16);
    const times = (met.get(id) ?? 0) + 1;
    met.set(id, times);
    return times === 1 ? id : `${id}-${times}`;
  };
}

type Classes = ReadonlyMap<string, number>; // label -> class

function exampleOf(config: FileTask, path: string, record: DataRecord, classes: Classes): Omit<Example, 'id'> {
  const text = labelOf(config, path, record);
  const label = classes.get(text);
  if (label === undefined)
    throw new Error(`${path}, line ${record.line}: the label "${text}" is none of ${listed([...classes.keys()])}`);
  const input = template(config.input, path)(record.fields);
  const group = config.groupBy === null ? undefined : record.fields[config.groupBy];
  if (config.groupBy !== null && group === undefined)
    throw new Error(`${path} has no column "${config.groupBy}", which task.groupBy names`);
  return { input, label, ...(group === undefined ? {} : { group: String(group) }) };
}

const most = 20; // of a column of texts that was taken for labels

function listed(words: readonly string[]): string {
  return words.length > most ? `${words.slice(0, most).join(', ')} and ${words.length - most} more` : words.join(', ');
}
