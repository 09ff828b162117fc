import type { FileText } from '#contracts/tasks/file.js';
import { joined } from '../../example.js';
import { textDataset } from '../../kinds/text.js';
import { rowText, textsOf } from '../../reading/fields.js';
import { rowsReader } from '../../reading/reader.js';
import type { TaskDefinition } from '../../task.js';
import type { FileRow } from './rows.js';
import { rowParts } from './splits.js';

type TextRow = FileRow<{ references: string[] }>;

/** Rows of any file with one or several texts that may be written for each. Rows that differ in these texts alone stand in
 *  one split. */
export const textFile: TaskDefinition<FileText, 'text'> = {
  reader: ({ quote }) => rowsReader(quote),
  parts(config, records) {
    const columns = [config.references].flat();
    return rowParts<'text'>(config, records, {
      hidden: columns,
      templates: [config.input].flat(),
      answer(record, path, place) {
        const found = columns.flatMap((column) => textsOf(record, column, { path, knob: 'task.references' }));
        const references = found.filter((text) => text.trim() !== '');
        if (references.length === 0) throw new Error(`${place}: no text in ${columns.map((c) => `"${c}"`).join(', ')}`);
        return { references };
      },
      splitBy: ({ line, fields }) =>
        rowText({ line, fields: Object.fromEntries(Object.entries(fields).filter(([name]) => !columns.includes(name))) }),
      examplesOf: (rows, split) => (split === 'train' ? eachReference(rows) : config.joinEqual ? joinedRows(rows) : [...rows]),
      warnings: [],
    });
  },
  dataset: (parts, { metrics }) => textDataset(parts, metrics),
};

/** Training examples: one for each reference. */
function eachReference(rows: readonly TextRow[]): TextRow[] {
  return rows.flatMap((row) =>
    row.answer.references.map((reference) => ({
      ...row,
      name: JSON.stringify([row.name, reference]),
      answer: { references: [reference] },
    })),
  );
}

/** Rows of equal input as one, with all their references, in the order of the file. */
function joinedRows(rows: readonly TextRow[]): TextRow[] {
  const first = new Map<string, TextRow>();
  for (const row of rows) {
    const text = joined(row.input);
    const known = first.get(text);
    if (known) known.answer.references.push(...row.answer.references);
    else first.set(text, { ...row, name: text, answer: { references: [...row.answer.references] } });
  }
  return [...first.values()];
}
