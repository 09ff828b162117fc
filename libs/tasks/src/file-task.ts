import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { FileTask } from '#contracts/task.js';
import { datasetOf } from './dataset.js';
import { type DataRecord, readRecords } from './read-records.js';
import { splitOf, take } from './split.js';
import type { Dataset, Example } from './task.js';
import { template } from './template.js';

const salt = 'file';

/** Any CSV or JSONL file: a template over its columns and a column of labels. Splits that have no file of their own are cut from the
 *  training file, 80 / 10 / 10, by the hash of a row's group or text. */
export function fileTask(config: FileTask): Dataset {
  const main = readRecords(config.path);
  const labels = labelsOf(config, main);
  const read = (path: string, records = readRecords(path)) => {
    const nameOf = ids();
    return records.map((r) => {
      const example = exampleOf(config, path, r, labels);
      return { ...example, id: nameOf(example.input, labels[example.label]!) };
    });
  };
  const splits = { train: [] as Example[], validation: [] as Example[], test: [] as Example[] };
  for (const example of read(config.path, main)) {
    let split = splitOf(example.group ?? example.input, salt);
    if ((split === 'validation' && config.validationPath) || (split === 'test' && config.testPath)) split = 'train';
    splits[split].push(example);
  }
  if (config.validationPath) splits.validation = read(config.validationPath);
  if (config.testPath) splits.test = read(config.testPath);
  const dataset = datasetOf({
    name: `file ${basename(config.path)}`,
    labels,
    labelWords: labels.map((l) => config.labelWords?.[l] ?? l),
    train: take(splits.train, config.train, salt, 'train'),
    validation: take(splits.validation, config.validation, salt, 'validation'),
    test: take(splits.test, config.test, salt, 'test'),
  });
  const trained = new Set(dataset.train.map((e) => e.label));
  const unseen = labels.filter((_, i) => !trained.has(i));
  if (unseen.length)
    throw new Error(`no training example of ${config.path} has the label ${unseen.map((l) => `"${l}"`).join(', ')}`);
  return dataset;
}

/** Classes in the order of labelWords, or else in alphabetical order of what the file holds. */
function labelsOf(config: FileTask, records: readonly DataRecord[]): string[] {
  const found = [...new Set(records.map((r) => labelOf(config, config.path, r)))].toSorted();
  if (found.length < 2) throw new Error(`column "${config.label}" of ${config.path} has one label only: "${found[0]}"`);
  if (!config.labelWords) return found;
  const known = Object.keys(config.labelWords);
  const missing = known.filter((l) => !found.includes(l));
  if (missing.length)
    throw new Error(`task.labelWords names "${missing[0]}", which ${config.path} does not hold; it holds ${found.join(', ')}`);
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
function ids(): (input: string, label: string) => string {
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

function exampleOf(config: FileTask, path: string, record: DataRecord, labels: readonly string[]): Omit<Example, 'id'> {
  const text = labelOf(config, path, record);
  const label = labels.indexOf(text);
  if (label < 0) throw new Error(`${path}, line ${record.line}: the label "${text}" is none of ${labels.join(', ')}`);
  const input = template(config.input, path)(record.fields);
  const group = config.groupBy === null ? undefined : record.fields[config.groupBy];
  if (config.groupBy !== null && group === undefined)
    throw new Error(`${path} has no column "${config.groupBy}", which task.groupBy names`);
  return { input, label, ...(group === undefined ? {} : { group: String(group) }) };
}
