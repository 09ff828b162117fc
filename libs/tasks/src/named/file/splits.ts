/** A user's files cut into splits, for every kind of task that reads rows. */
import { basename } from 'node:path';
import type { Kind } from '#contracts/kind.js';
import { type Splits, refuseEmpty } from '../../dataset.js';
import type { Answers, Example } from '../../example.js';
import { contentIds } from '../../reading/content-ids.js';
import type { DataRecord } from '../../reading/data-record.js';
import {
  cutByRow,
  fileOfSplit,
  refuseSameFile,
  sharedFile,
  type SplitFiles,
} from '../../reading/split-files.js';
import { type Split, splitOf, type Taken, taking } from '../../reading/split.js';
import { repeatedTexts, swallowedRows } from '../../reading/suspicious-rows.js';
import { type FileRow, fileRows, otherColumns, type RowReading } from './rows.js';

const salt = 'file';

/** The files of a task, and what is taken of them. */
export interface RowsFiles extends SplitFiles, Taken {
  groupBy: string | null;
}

interface Reading<K extends Kind> extends RowReading<Answers[K]> {
  labels?: readonly string[];
  labelWords?: readonly string[];
  /** What is right, where equal texts with other answers are suspicious. */
  label?(answer: Answers[K]): number | string;
  /** The rows of a split as its examples; absent: an example a row. */
  examplesOf?(rows: readonly FileRow<Answers[K]>[], split: Split): FileRow<Answers[K]>[];
  warnings: readonly string[];
}

/** A task's splits, a row at a time. Those that have no file of their own are cut from the training file, 80
 *  / 10 / 10, by the hash of a row's group or of the row. Throws an Error naming file, line or knob. */
export function* rowSplits<K extends Kind>(
  config: RowsFiles,
  records: (path: string) => readonly DataRecord[],
  reading: Reading<K>,
): Generator<void, Splits<K>> {
  refuseSameFile(config);
  const main = records(config.path);
  const warnings = [...reading.warnings, ...sharedFile(config), ...swallowedRows(config.path, main)];
  const rowsOf = (path: string, own: readonly DataRecord[]) =>
    fileRows(path, own, { groupBy: config.groupBy, reading, warnings });
  const splits: Record<Split, FileRow<Answers[K]>[]> = { train: [], validation: [], test: [] };
  for (const row of yield* rowsOf(config.path, main)) {
    yield;
    splits[fileOfSplit(config, splitOf(row.group ?? row.row, salt))].push(row);
  }
  for (const split of ['validation', 'test'] as const) {
    const path = config[`${split}Path`];
    if (!path) continue;
    const own = records(path);
    warnings.push(...otherColumns(config.path, main, path, own), ...swallowedRows(path, own));
    splits[split] = yield* rowsOf(path, own);
  }
  warnings.push(...(yield* suspicious(config, splits, reading)));
  const examples = (split: Split) => taking(examplesOf(splits[split], split, reading), config, salt, split);
  const given: Splits<K> = {
    name: `file ${basename(config.path)}`,
    labels: [...(reading.labels ?? [])],
    labelWords: [...(reading.labelWords ?? [])],
    train: yield* examples('train'),
    validation: yield* examples('validation'),
    test: yield* examples('test'),
    warnings,
  };
  refuseEmpty(given);
  return given;
}

function suspicious<K extends Kind>(
  config: RowsFiles,
  splits: Record<Split, readonly FileRow<Answers[K]>[]>,
  { labels, label = () => '' }: Reading<K>,
): Generator<void, string[]> {
  const rows = (split: Split) =>
    splits[split].map(({ answer, ...row }) => ({ ...row, label: label(answer) }));
  const all = { train: rows('train'), validation: rows('validation'), test: rows('test') };
  return repeatedTexts(all, { ...(labels && { labels }), cut: cutByRow(config) });
}

function examplesOf<K extends Kind>(
  rows: readonly FileRow<Answers[K]>[],
  split: Split,
  { examplesOf: joinedRows }: Reading<K>,
): Example<K>[] {
  const nameOf = contentIds();
  return (joinedRows?.(rows, split) ?? rows).map(({ name, input, answer, group }) => ({
    id: nameOf(name),
    input,
    answer,
    ...(group !== undefined && { group }),
  }));
}
