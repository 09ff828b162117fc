import type { FileCloze } from '#contracts/tasks/file.js';
import { clozeDataset } from '../../kinds/cloze.js';
import { maskSlot } from '../../kinds/mask-slot.js';
import type { DataRecord } from '../../reading/data-record.js';
import { textOf, textsOf } from '../../reading/fields.js';
import { rowsReader } from '../../reading/reader.js';
import type { TaskDefinition } from '../../task.js';
import { rowSplits } from './splits.js';

/** A mark of the template while its columns are filled in; no text of a file has it. */
const mark = '\u0000';

/** What stands for the mask in files of others: LAMA's, and RoBERTa's. */
const maskWords = /\[MASK\]|<mask>/g;

/** Rows of any file with one mask each, and the word that stands there. */
export const clozeFile: TaskDefinition<FileCloze, 'cloze'> = {
  reader: ({ quote }) => rowsReader(quote),
  splits: (config, records) =>
    rowSplits<'cloze'>(config, records, {
      hidden: [config.word],
      templates: [config.input.replaceAll(maskSlot, mark)],
      answer: (record, path, place) => answerOf(config, record, path, place),
      finished: ([text], place) => [withOneMask(text!, place)],
      label: ({ word }) => word,
      warnings: [],
    }),
  dataset: (splits) => clozeDataset(splits),
};

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
    throw new Error(
      `${place}: the text has ${found}; expected one, as {mask} in task.input or [MASK] or <mask> in a column`,
    );
  }
  return text.replace(mark, () => maskSlot);
}
