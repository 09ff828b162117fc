import type { FileChoice } from '#contracts/tasks/file.js';
import { choiceDataset } from '../../kinds/choice.js';
import type { DataRecord } from '../../reading/data-record.js';
import { FieldError, textOf, textsOf } from '../../reading/fields.js';
import { rowsReader } from '../../reading/reader.js';
import type { TaskDefinition } from '../../task.js';
import { rowSplits } from './splits.js';

/** Rows of any file, each with its own choices, one of which is right. */
export const choiceFile: TaskDefinition<FileChoice, 'choice'> = {
  reader: ({ quote }) => rowsReader(quote),
  splits: (config, records) =>
    rowSplits<'choice'>(config, records, {
      hidden: [config.label],
      templates: [config.input].flat(),
      answer(record, path, place) {
        const choices = choicesOf(config, record, path, place);
        return { choices, right: rightOf(config, choices, { record, path, place }) };
      },
      label: ({ choices, right }) => choices[right]!,
      warnings: [],
    }),
  dataset: (splits) => choiceDataset(splits),
};

function choicesOf(config: FileChoice, record: DataRecord, path: string, place: string): string[] {
  const asking = { path, knob: 'task.choices' };
  const choices = Array.isArray(config.choices)
    ? config.choices.map((column) => textOf(record, column, asking))
    : textsOf(record, config.choices, asking);
  if (choices.length < 2)
    throw new FieldError(
      `${place}: "${String(config.choices)}" lists ${choices.length} choices; expected two or more`,
    );
  const empty = choices.findIndex((choice) => choice.trim() === '');
  if (empty >= 0) throw new Error(`${place}: choice ${empty + config.firstLabel} is empty`);
  const twice = choices.find((choice, i) => choices.indexOf(choice) !== i);
  if (twice !== undefined) throw new Error(`${place}: two choices are "${twice}"`);
  return choices;
}

interface Place {
  record: DataRecord;
  path: string;
  place: string;
}

/** The index of the right choice, from its number or its text. Throws where the label is neither, or both of
 *  two. */
function rightOf(
  { label, firstLabel }: FileChoice,
  choices: readonly string[],
  { record, path, place }: Place,
): number {
  const said = textOf(record, label, { path, knob: 'task.label' }).trim();
  const byText = choices.findIndex((choice) => choice.trim() === said);
  const number = /^\d+$/.test(said) ? Number(said) - firstLabel : -1;
  const byNumber = number >= 0 && number < choices.length ? number : -1;
  if (byText >= 0 && byNumber >= 0 && byText !== byNumber)
    throw new Error(`${place}: the label "${said}" is the number of one choice and the text of another`);
  if (byText < 0 && byNumber < 0) {
    const last = firstLabel + choices.length - 1;
    throw new Error(
      `${place}: the label "${said}" is no choice; expected ${firstLabel} to ${last}, or the text of one`,
    );
  }
  return Math.max(byText, byNumber);
}
