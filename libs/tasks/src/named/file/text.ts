import type { FileText } from '#contracts/tasks/file.js';
import { textDataset } from '../../kinds/text.js';
import { rowText, textsOf } from '../../reading/fields.js';
import { rowsReader } from '../../reading/reader.js';
import type { TaskDefinition } from '../../task.js';
import { wordedQuestions } from './questions.js';
import { referencesOf } from './references.js';
import { rowSplits } from './splits.js';

/** Rows of any file with one or several texts that may be written for each. Rows that differ in these texts
 *  alone stand in one split. SQuAD's and MRQA's files are questions with their answers in words, as T5 has
 *  them (Raffel et al. 2020 appendix D); questions of one context stand in one split. */
export const textFile: TaskDefinition<FileText, 'text'> = {
  reader: ({ quote }) => rowsReader(quote),
  splits(config, records) {
    const columns = [config.references].flat();
    const questions = (path: string) => wordedQuestions(path, records(path));
    const isOfQuestions = questions(config.path) !== null;
    const unanswered = isOfQuestions ? '; a question without an answer is of task.kind: span' : '';
    return rowSplits<'text'>(config, (path) => questions(path) ?? records(path), {
      hidden: columns,
      templates: [config.input].flat(),
      answer(record, path, place) {
        const found = columns.flatMap((column) => textsOf(record, column, { path, knob: 'task.references' }));
        const references = found.filter((text) => text.trim() !== '');
        if (references.length === 0)
          throw new Error(`${place}: no text in ${columns.map((c) => `"${c}"`).join(', ')}${unanswered}`);
        return { references };
      },
      splitBy: ({ line, fields }) =>
        isOfQuestions
          ? String(fields['context'])
          : rowText({
              line,
              fields: Object.fromEntries(Object.entries(fields).filter(([name]) => !columns.includes(name))),
            }),
      examplesOf: (rows, split) =>
        split === 'train' || config.joinEqual ? referencesOf(rows, split) : [...rows],
      warnings: [],
    });
  },
  dataset: (splits, { metrics }) => textDataset(splits, metrics),
};
