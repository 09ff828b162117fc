import { maskSlot } from '#contracts/open-place.js';
import type { FileCloze } from '#contracts/tasks/file.js';
import { clozeDataset } from '../../kinds/cloze.js';

import type { DataRecord } from '../../reading/data-record.js';
import { FieldError, textOf, textsOf } from '../../reading/fields.js';
import { documentsReader } from '../../reading/documents.js';
import { type Reader, rowsReader } from '../../reading/reader.js';
import type { TaskDefinition } from '../../task.js';
import { rowSplits } from './splits.js';

/** A mark of the template while its columns are filled in; no text of a file has it. */
const mark = '\u0000';

/** What stands for the mask in files of others: LAMA's, and RoBERTa's. */
const maskWords = /\[MASK\]|<mask>/g;

type Records = (path: string) => readonly DataRecord[];

/** Rows of any file with one mask each, and the word that stands there. */
export const clozeFile: TaskDefinition<FileCloze, 'cloze'> = {
  reader: clozeReader,
  *splits(config, records) {
    const shared = vocabularyOf(config, records);
    const warnings: string[] = [];
    const own = shared ? (path: string) => within(shared, config, path, { records, warnings }) : records;
    const splits = yield* rowSplits<'cloze'>(config, own, {
      hidden: [config.word],
      templates: [config.input.replaceAll(maskSlot, mark)],
      answer: (record, path, place) => answerOf(config, record, path, place),
      finished: ([text], place) => [withOneMask(text!, place)],
      label: ({ word }) => word,
      warnings: [],
    });
    return { ...splits, labels: [...(shared ?? [])], warnings: [...warnings, ...(splits.warnings ?? [])] };
  },
  dataset: (splits) => clozeDataset(splits),
};

/** Rows, but for the vocabulary, which is a word a line. */
function clozeReader({ quote, vocabularyPath }: FileCloze): Reader {
  const rows = rowsReader(quote);
  if (vocabularyPath === undefined) return rows;
  const words = documentsReader('lines');
  const of = (path: string) => (path === vocabularyPath ? words : rows);
  return {
    way: `${rows.way} with words ${vocabularyPath}`,
    atOnce: (path) => of(path).atOnce(path),
    inTurns: (path) => of(path).inTurns(path),
  };
}

/** The words that all examples share; undefined: any word. */
function vocabularyOf(
  { vocabularyPath: path, candidates }: FileCloze,
  records: Records,
): Set<string> | undefined {
  if (path === undefined) return undefined;
  if (candidates !== null)
    throw new Error('task.vocabularyPath is for all examples, and task.candidates for each; leave one out');
  return new Set(records(path).map(({ fields }) => fields['text'] as string));
}

/** The rows whose word the vocabulary has, as LAMA filters its facts, with a warning of the others. */
function within(
  words: ReadonlySet<string>,
  config: FileCloze,
  path: string,
  { records, warnings }: { records: Records; warnings: string[] },
): DataRecord[] {
  const all = records(path);
  const asking = { path, knob: 'task.word' };
  const rows = all.filter((record) => words.has(textOf(record, config.word, asking).trim()));
  if (rows.length < all.length)
    warnings.push(
      `${path}: the word of ${all.length - rows.length} of ${all.length} rows is none of task.vocabularyPath; they are left out`,
    );
  if (rows.length === 0) throw new Error(`no word of ${path} is one of ${config.vocabularyPath}`);
  return rows;
}

function answerOf(
  config: FileCloze,
  record: DataRecord,
  path: string,
  place: string,
): { word: string; candidates?: string[] } {
  const word = textOf(record, config.word, { path, knob: 'task.word' }).trim();
  if (word === '') throw new Error(`${place}: no word in column "${config.word}"`);
  const { candidates: asked } = config;
  if (asked === null) return { word };
  const candidates = Array.isArray(asked) ? asked : textsOf(record, asked, { path, knob: 'task.candidates' });
  if (!candidates.includes(word)) throw new Error(`${place}: the word "${word}" is none of task.candidates`);
  return { word, candidates: [...new Set(candidates)] };
}

/** A text whose one mask is written {mask}. Throws where there is none, or more than one. */
function withOneMask(filled: string, place: string): string {
  const text = filled.replaceAll(maskWords, mark);
  const masks = text.split(mark).length - 1;
  if (masks !== 1) {
    const found = masks === 0 ? 'no mask' : `${masks} masks`;
    throw new FieldError(
      `${place}: the text has ${found}; expected one, as {mask} in task.input or [MASK] or <mask> in a column`,
    );
  }
  return text.replace(mark, () => maskSlot);
}
