import type { FileText } from '#contracts/tasks/file.js';
import { textDataset } from '../../kinds/text.js';
import { rowText, textsOf } from '../../reading/fields.js';
import { rowsReader } from '../../reading/reader.js';
import type { TaskDefinition } from '../../task.js';
import { referencesOf } from './references.js';
import { rowSplits } from './splits.js';

/** Rows of any file with one or several texts that may be written for each. Rows that differ in these texts
 *  alone stand in one split. */
export const textFile: TaskDefinition<FileText, 'text'> = {
  reader: ({ quote }) => rowsReader(quote),
  splits(config, records) {
    const columns = [config.references].flat();
    return rowSplits<'text'>(config, records, {
      hidden: columns,
      templates: [config.input].flat(),
      answer(record, path, place) {
        const found = columns.flatMap((column) => textsOf(record, column, { path, knob: 'task.references' }));
        const references = found.filter((text) => text.trim() !== '');
        if (references.length === 0)
          throw new Error(`${place}: no text in ${columns.map((c) => `"${c}"`).join(', ')}`);
        return { references };
      },
      splitBy: ({ line, fields }) =>
        rowText({
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
