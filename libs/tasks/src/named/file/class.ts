import type { FileClass } from '#contracts/tasks/file.js';
import type { Splits } from '../../dataset.js';
import { classDataset } from '../../kinds/class.js';
import type { DataRecord } from '../../reading/data-record.js';
import { placeIn, textOf } from '../../reading/fields.js';
import { rowsReader } from '../../reading/reader.js';
import { numberedLabels, sameLabels, type Spelled } from '../../reading/spelling.js';
import type { TaskDefinition } from '../../task.js';
import { groupOf } from './rows.js';
import { rowSplits } from './splits.js';

/** Any CSV, TSV, JSON or JSONL file: a template over its columns and a column of labels. Splits that have no
 *  file of their own are cut from the training file, 80 / 10 / 10, by the hash of a row's group or of the
 *  whole row. */
export const classFile: TaskDefinition<FileClass, 'class'> = {
  reader: ({ quote }) => rowsReader(quote),
  splits: classSplits,
  dataset: (splits) => classDataset(splits),
};

/** Its splits, a row at a time. */
function* classSplits(
  config: FileClass,
  records: (path: string) => readonly DataRecord[],
): Generator<void, Splits<'class'>> {
  const found = yield* labelsIn(config, records(config.path));
  const labels = classesOf(config, found);
  const classes = new Map(labels.map((label, i) => [label, i]));
  const given = yield* rowSplits<'class'>(config, records, {
    hidden: [config.label],
    templates: [config.input].flat(),
    answer(record, path, place) {
      const said = labelOf(config, path, record);
      const label = classes.get(said);
      if (label === undefined) throw new Error(`${place}: the label "${said}" is none of ${listed(labels)}`);
      return { label };
    },
    labels,
    labelWords: labels.map((l) => config.labelWords?.[l] ?? l),
    label: ({ label }) => label,
    warnings: [...sameLabels(found), ...numberedLabels(found, config.label)],
  });
  refuseUnseen(config, given);
  return given;
}

function refuseUnseen({ path }: FileClass, { labels, train }: Splits<'class'>): void {
  const trained = new Set(train.map((e) => e.answer.label));
  const unseen = labels.filter((_, i) => !trained.has(i));
  if (unseen.length)
    throw new Error(`no training example of ${path} has the label ${listed(unseen.map((l) => `"${l}"`))}`);
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
  if (found.size < 2)
    throw new Error(
      `column "${config.label}" of ${config.path} has one label only: "${[...found.keys()][0]}"`,
    );
  return [...found.values()].toSorted((a, b) => (a.label < b.label ? -1 : 1));
}

/** Classes in the order of labelWords, or else in alphabetical order of what the file holds. */
function classesOf(config: FileClass, spelled: readonly Spelled[]): string[] {
  const found = spelled.map(({ label }) => label);
  if (!config.labelWords) return found;
  const known = Object.keys(config.labelWords);
  const missing = known.filter((l) => !found.includes(l));
  if (missing.length)
    throw new Error(
      `task.labelWords names "${missing[0]}", which ${config.path} does not hold; it holds ${listed(found)}`,
    );
  const words = Object.entries(config.labelWords);
  for (const [i, [label, word]] of words.entries()) {
    const same = words.slice(0, i).find(([, other]) => other === word);
    if (same) throw new Error(`task.labelWords gives "${same[0]}" and "${label}" the same word "${word}"`);
  }
  return known;
}

const most = 20; // of a column of texts that was taken for labels

function listed(words: readonly string[]): string {
  return words.length > most
    ? `${words.slice(0, most).join(', ')} and ${words.length - most} more`
    : words.join(', ');
}

function labelOf({ label }: FileClass, path: string, record: DataRecord): string {
  const text = textOf(record, label, { path, knob: 'task.label' });
  if (text.trim() === '') throw new Error(`${placeIn(path, record)}: no label in column "${label}"`);
  return text;
}
