import { basename } from 'node:path';
import type { Tagging } from '#contracts/tasks/tagging.js';
import { type Splits, refuseEmpty } from '../dataset.js';
import { contentIds } from '../reading/content-ids.js';
import { FieldError, placeIn, rowText } from '../reading/fields.js';
import type { DataRecord } from '../reading/data-record.js';
import { sameLabels, type Spelled } from '../reading/spelling.js';
import { repeatedTexts } from '../reading/suspicious-rows.js';
import { cutByRow, fileOfSplit, refuseSameFile, sharedFile } from '../reading/split-files.js';
import { type Split, splitOf, taking } from '../reading/split.js';
import type { Example } from '../example.js';
import { taggedReader } from '../reading/reader.js';
import type { TaskDefinition } from '../task.js';
import { type Columns, isColumns } from '../reading/read-tagged.js';
import { type Scheme, spanTag, tagsDataset, tagWord } from '../kinds/tags.js';

const salt = 'tagging';

/** Any file of tagged words, JSONL or columns. Splits that have no file of their own are cut from the
 *  training file, 80 / 10 / 10, by the hash of a row's group or of the whole row. Throws an Error naming
 *  file, line or knob. */
export const taggingFile: TaskDefinition<Tagging, 'tags'> = {
  reader: () => taggedReader,
  splits: taggingSplits,
  dataset: (splits, config) => tagsDataset(splits, schemeOf(config, splits.labels)),
};

/** Its splits, a text at a time. */
function* taggingSplits(
  config: Tagging,
  records: (path: string) => readonly DataRecord[],
): Generator<void, Splits<'tags'>> {
  refuseSameFile(config);
  const main = yield* textsOf(config, config.path, records(config.path));
  const found = tagsIn(main);
  const labels = found.map(({ label }) => label);
  if (labels.length < 2) throw new Error(`${config.path} has one tag only: "${labels[0]}"`);
  const scheme = schemeOf(config, labels);
  const warnings = [...sameLabels(found, 'tag'), ...sharedFile(config)];
  const splits: Record<Split, Text[]> = { train: [], validation: [], test: [] };
  for (const text of main) {
    yield;
    splits[fileOfSplit(config, splitOf(text.group ?? text.row, salt))].push(text);
  }
  for (const split of ['validation', 'test'] as const) {
    const path = config[`${split}Path`];
    if (path) splits[split] = yield* textsOf(config, path, records(path));
  }
  const tags = new Map(labels.map((tag, i) => [tag, i]));
  const examples = (split: Split): Example<'tags'>[] => {
    const nameOf = contentIds();
    return splits[split].map((text) => exampleOf(text, tags, nameOf));
  };
  const given = {
    name: `tagging ${basename(config.path)}`,
    labels,
    labelWords: labels.map((tag) => tagWord(tag, scheme)),
    train: yield* taking(examples('train'), config, salt, 'train'),
    validation: yield* taking(examples('validation'), config, salt, 'validation'),
    test: yield* taking(examples('test'), config, salt, 'test'),
    warnings: [
      ...warnings,
      ...(yield* repeatedTexts(rowsOf(splits), { cut: isColumns(config.path) ? {} : cutByRow(config) })),
    ],
  };
  refuseEmpty(given);
  return given;
}

/** The training file's tags in alphabetical order, each with the text that has it first. */
function tagsIn(texts: readonly Text[]): Spelled[] {
  const found = new Map<string, Spelled>();
  for (const { where, tags } of texts)
    for (const label of tags) if (!found.has(label)) found.set(label, { label, place: where });
  return [...found.values()].toSorted((a, b) => (a.label < b.label ? -1 : 1));
}

const rowsOf = (splits: Record<Split, readonly Text[]>) => {
  const rows = (split: Split) =>
    splits[split].map(({ where, words, tags, group }) => ({
      place: where,
      input: [words.join(' ')],
      label: tags.join(' '),
      ...(group !== undefined && { group }),
    }));
  return { train: rows('train'), validation: rows('validation'), test: rows('test') };
};

function schemeOf({ scheme, path }: Tagging, labels: readonly string[]): Scheme {
  const other = labels.find((tag) => !spanTag.test(tag));
  if (scheme === 'spans' && other !== undefined)
    throw new Error(
      `task.scheme is "spans", and ${path} has the tag "${other}"; expected B-X, I-X, E-X, S-X or O`,
    );
  return scheme ?? (other === undefined ? 'spans' : 'plain');
}

interface Text {
  where: string; // file and line
  row: string; // decides its split, whatever of it is asked for
  name: string; // and its place within that
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
    const text = isColumns(path) ? ofColumns(config, path, record) : ofFields(config, path, record);
    texts.push({ ...text, ...identity(path, record, text) });
  }
  return texts;
}

type Read = Omit<Text, 'row' | 'name'>;

/** The whole row; of words and tags alone the words, so that equal texts stay together. */
function identity(path: string, record: DataRecord, { words, tags }: Read): Pick<Text, 'row' | 'name'> {
  const { rows = [] } = isColumns(path) ? (record.fields['columns'] as Columns) : {};
  const alone = isColumns(path) ? rows[0]!.length === 2 : Object.keys(record.fields).length === 2;
  const whole = isColumns(path) ? JSON.stringify(rows) : rowText(record);
  const text = words.join(' ');
  return alone ? { row: text, name: JSON.stringify([text, tags.join(' ')]) } : { row: whole, name: whole };
}

function ofFields(config: Tagging, path: string, record: DataRecord): Read {
  const { fields } = record;
  const where = placeIn(path, record);
  const listOf = (knob: 'words' | 'tags'): string[] => {
    const [name, value] = [config[knob], fields[config[knob]]];
    const there = `there are ${Object.keys(fields).join(', ')}`;
    if (value === undefined)
      throw new FieldError(`${where}: no field "${name}", which task.${knob} names; ${there}`);
    const isPart = (v: unknown): boolean =>
      (typeof v === 'string' && v.trim() !== '') || typeof v === 'number';
    if (!Array.isArray(value) || !value.every(isPart))
      throw new FieldError(`${where}: "${name}" is no list of ${knob}; expected strings that are not empty`);
    return value.map(String);
  };
  const [words, tags] = [listOf('words'), listOf('tags')];
  if (words.length !== tags.length)
    throw new Error(
      `${where}: ${words.length} words in "${config.words}" and ${tags.length} tags in "${config.tags}"`,
    );
  if (words.length === 0) throw new Error(`${where}: no words in "${config.words}"`);
  if (config.groupBy === null) return { where, words, tags };
  const group = fields[config.groupBy];
  if (group === undefined || group === null || group === '')
    throw new Error(`${where}: no field "${config.groupBy}", which task.groupBy names`);
  return { where, words, tags, group: String(group) };
}

function ofColumns({ wordColumn, tagColumn }: Tagging, path: string, { line, fields }: DataRecord): Read {
  const { lines, rows } = fields['columns'] as Columns;
  const width = rows[0]!.length;
  const cells = rows.map((row, i) => {
    const where = `${path}, line ${lines[i]}`;
    if (tagColumn < 0 && row.length !== width)
      throw new Error(
        `${where}: ${row.length} columns, and line ${line} has ${width}; give task.tagColumn where they vary`,
      );
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

function exampleOf(
  text: Text,
  known: ReadonlyMap<string, number>,
  nameOf: ReturnType<typeof contentIds>,
): Example<'tags'> {
  const tags = text.tags.map((tag) => {
    const index = known.get(tag);
    if (index !== undefined) return index;
    const listed = `${[...known.keys()].slice(0, most).join(', ')}${known.size > most ? ' …' : ''}`;
    throw new Error(`${text.where}: the tag "${tag}" is none of the training file's: ${listed}`);
  });
  return {
    id: nameOf(text.name),
    input: [text.words.join(' ')],
    answer: { before: [], words: text.words, tags, lost: 0 },
    ...(text.group !== undefined && { group: text.group }),
  };
}
