import { basename } from 'node:path';
import type { Tagging } from '#contracts/task.js';
import { type Parts, refuseEmpty } from '../dataset.js';
import { contentIds } from '../file-task.js';
import { atOnce } from '../in-turns.js';
import type { DataRecord } from '../read-records.js';
import { splitOf, taking } from '../split.js';
import type { Dataset, Example } from '../task.js';
import { type Columns, isColumns, readTagged } from './read-tagged.js';
import { type Scheme, spanTag, taggedDataset, tagWord } from './tagged-dataset.js';

const salt = 'tagging';

/** Any file of tagged words, JSONL or columns. Splits that have no file of their own are cut from the training file, 80 / 10 / 10, by the hash of a
 *  row's group or words. Throws an Error naming file, line or knob. */
export function taggingFile(config: Tagging): Dataset {
  const parts = atOnce(taggingParts(config, readTagged));
  return taggedDataset(parts, schemeOf(config, parts.labels));
}

/** Its splits, a text at a time; the files' texts come from `records`. */
export function* taggingParts(config: Tagging, records: (path: string) => readonly DataRecord[]): Generator<void, Parts> {
  const main = yield* textsOf(config, config.path, records(config.path));
  const labels = [...new Set(main.flatMap((t) => t.tags))].toSorted();
  if (labels.length < 2) throw new Error(`${config.path} has one tag only: "${labels[0]}"`);
  const scheme = schemeOf(config, labels);
  const splits = { train: [] as Example[], validation: [] as Example[], test: [] as Example[] };
  const tags = new Map(labels.map((tag, i) => [tag, i]));
  const nameOf = contentIds();
  for (const text of main) {
    yield;
    let split = splitOf(text.group ?? text.words.join(' '), salt);
    if ((split === 'validation' && config.validationPath) || (split === 'test' && config.testPath)) split = 'train';
    splits[split].push(exampleOf(text, tags, nameOf));
  }
  for (const split of ['validation', 'test'] as const) {
    const path = config[`${split}Path`];
    if (!path) continue;
    const nameOf = contentIds();
    const texts = yield* textsOf(config, path, records(path));
    splits[split] = texts.map((text) => exampleOf(text, tags, nameOf));
  }
  const parts = {
    name: `tagging ${basename(config.path)}`,
    labels,
    labelWords: labels.map((tag) => tagWord(tag, scheme)),
    train: yield* taking(splits.train, config.train, salt, 'train'),
    validation: yield* taking(splits.validation, config.validation, salt, 'validation'),
    test: yield* taking(splits.test, config.test, salt, 'test'),
  };
  refuseEmpty(parts);
  return parts;
}

function schemeOf({ scheme, path }: Tagging, labels: readonly string[]): Scheme {
  const other = labels.find((tag) => !spanTag.test(tag));
  if (scheme === 'spans' && other !== undefined)
    throw new Error(`task.scheme is "spans", and ${path} has the tag "${other}"; expected B-X, I-X, E-X, S-X or O`);
  return scheme ?? (other === undefined ? 'spans' : 'plain');
}

interface Text {
  where: string; // file and line
  words: string[];
  tags: string[];
  group?: string;
}

function* textsOf(config: Tagging, path: string, records: readonly DataRecord[]): Generator<void, Text[]> {
  if (isColumns(path) && config.groupBy !== null)
    throw new Error(`task.groupBy names "${config.groupBy}", and ${path} has columns; expected JSONL`);
  const texts: Text[] = [];
  for (const record of records) {
    yield;
    texts.push(isColumns(path) ? ofColumns(config, path, record) : ofFields(config, path, record));
  }
  return texts;
}

function ofFields(config: Tagging, path: string, { line, fields }: DataRecord): Text {
  const where = `${path}, line ${line}`;
  const listOf = (knob: 'words' | 'tags'): string[] => {
    const [name, value] = [config[knob], fields[config[knob]]];
    const there = `there are ${Object.keys(fields).join(', ')}`;
    if (value === undefined) throw new Error(`${where}: no field "${name}", which task.${knob} names; ${there}`);
    const isPart = (v: unknown): boolean => (typeof v === 'string' && v.trim() !== '') || typeof v === 'number';
    if (!Array.isArray(value) || !value.every(isPart))
      throw new Error(`${where}: "${name}" is no list of ${knob}; expected strings that are not empty`);
    return value.map(String);
  };
  const [words, tags] = [listOf('words'), listOf('tags')];
  if (words.length !== tags.length)
    throw new Error(`${where}: ${words.length} words in "${config.words}" and ${tags.length} tags in "${config.tags}"`);
  if (words.length === 0) throw new Error(`${where}: no words in "${config.words}"`);
  if (config.groupBy === null) return { where, words, tags };
  const group = fields[config.groupBy];
  if (group === undefined) throw new Error(`${where}: no field "${config.groupBy}", which task.groupBy names`);
  return { where, words, tags, group: String(group) };
}

function ofColumns({ wordColumn, tagColumn }: Tagging, path: string, { line, fields }: DataRecord): Text {
  const { lines, rows } = fields['columns'] as Columns;
  const width = rows[0]!.length;
  const cells = rows.map((row, i) => {
    const where = `${path}, line ${lines[i]}`;
    if (tagColumn < 0 && row.length !== width)
      throw new Error(`${where}: ${row.length} columns, and line ${line} has ${width}; give task.tagColumn where they vary`);
    const place = tagColumn < 0 ? width - 1 : tagColumn;
    const [word, tag] = [row[wordColumn], row[place]];
    if (word === undefined || tag === undefined || place === wordColumn)
      throw new Error(
        `${where}: ${row.length} columns, and a word and its tag are expected in ${wordColumn} and ${place} (from 0)`,
      );
    if (word === '' || tag === '') throw new Error(`${where}: the ${word === '' ? 'word' : 'tag'} is empty`);
    return { word, tag };
  });
  return { where: `${path}, line ${line}`, words: cells.map((c) => c.word), tags: cells.map((c) => c.tag) };
}

const most = 20; // tags in a message

function exampleOf(text: Text, known: ReadonlyMap<string, number>, nameOf: ReturnType<typeof contentIds>): Example {
  const tags = text.tags.map((tag) => {
    const index = known.get(tag);
    if (index !== undefined) return index;
    const listed = `${[...known.keys()].slice(0, most).join(', ')}${known.size > most ? ' …' : ''}`;
    throw new Error(`${text.where}: the tag "${tag}" is none of the training file's: ${listed}`);
  });
  const input = text.words.join(' ');
  const id = nameOf(input, text.tags.join(' '));
  return {
    id,
    input,
    label: 0,
    tagged: { before: [], words: text.words, tags, lost: 0 },
    ...(text.group && { group: text.group }),
  };
}
