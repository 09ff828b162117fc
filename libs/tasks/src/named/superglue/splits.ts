import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Kind } from '#contracts/kind.js';
import type { SuperGlue, SuperGlueDataset } from '#contracts/tasks/superglue.js';
import { type Splits, refuseEmpty } from '../../dataset.js';
import type { Answers, Example, Segments } from '../../example.js';
import type { DataRecord } from '../../reading/data-record.js';
import { placeIn, rowText } from '../../reading/fields.js';
import { type Reader, rowsReader } from '../../reading/reader.js';
import { type Split, splitOf, taking } from '../../reading/split.js';
import { repeatedTexts } from '../../reading/suspicious-rows.js';
import { superGlueRow, type SuperGlueRows } from './rows.js';

/** An example that a row holds. */
export interface Part<K extends Kind> {
  input: Segments;
  answer: Answers[K];
  group?: string;
}

/** How a dataset's rows are read. */
export interface RowReading<D extends SuperGlueDataset, K extends Kind> {
  labels?: readonly string[];
  /** One row as the examples it holds in a split. */
  read(row: SuperGlueRows[D], split: Split, input: SuperGlue['input']): Part<K>[];
  /** What is right, where equal texts with other answers are suspicious. */
  label?(answer: Answers[K]): number | string;
}

type Placed<K extends Kind> = Example<K> & { place: string };

/** JSON lines; a file that is missing is named with its dataset, and with the knob that does without it. */
export const superGlueReader = ({ dataset }: SuperGlue): Reader => ({
  ...rowsReader(),
  atOnce(path) {
    const without = path.endsWith('dev32.jsonl')
      ? '; task.selectOn: train takes a tenth of train.jsonl instead'
      : '';
    if (!existsSync(path)) throw new Error(`task.path: ${dataset} needs ${path}${without}`);
    return rowsReader().atOnce(path);
  },
});

/** A dataset's splits, a row at a time; the files' rows come from `records`. Throws an Error naming file,
 *  line and field. */
export function* superGlueSplits<D extends SuperGlueDataset, K extends Kind>(
  config: SuperGlue,
  records: (path: string) => readonly DataRecord[],
  reading: RowReading<D, K>,
): Generator<void, Splits<K>> {
  const salt = `superglue ${config.dataset}`;
  const fromTrain = config.selectOn === 'train';
  const splits: Record<Split, Placed<K>[]> = { train: [], validation: [], test: [] };
  const read = function* (file: string, into: (record: DataRecord) => Split) {
    const path = join(config.path, config.dataset, file);
    for (const record of records(path)) {
      yield;
      const split = into(record);
      const row = superGlueRow(config.dataset as D, path, record);
      const place = placeIn(path, record);
      for (const [i, part] of at(place, () => reading.read(row, split, config.input)).entries())
        splits[split].push({ id: `${file}:${record.line}:${i}`, ...part, place });
    }
  };
  // A tenth of all rows is what splitOf calls the test split; here it chooses checkpoints.
  const cut = (record: DataRecord): Split =>
    fromTrain && splitOf(rowText(record), salt) === 'test' ? 'validation' : 'train';
  yield* read('train.jsonl', cut);
  if (!fromTrain) yield* read('dev32.jsonl', () => 'validation');
  yield* read('val.jsonl', () => 'test');
  const { labels = [], label = () => '' } = reading;
  const rows = (split: Split) =>
    splits[split].map(({ place, input, answer, group }) => ({
      place,
      input,
      label: label(answer),
      ...(group !== undefined && { group }),
    }));
  const warnings = yield* repeatedTexts(
    { train: rows('train'), validation: rows('validation'), test: rows('test') },
    { labels },
  );
  const examples = (split: Split) =>
    taking(
      splits[split].map(({ place: _place, ...example }) => example as unknown as Example<K>),
      config,
      salt,
      split,
    );
  const given: Splits<K> = {
    name: salt,
    labels: [...labels],
    labelWords: [...labels],
    train: yield* examples('train'),
    validation: yield* examples('validation'),
    test: yield* examples('test'),
    warnings,
  };
  refuseEmpty(given);
  return given;
}

/** What is wrong with a row, with its place. */
function at<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(`${place}: ${(cause as Error).message}`, { cause });
  }
}
