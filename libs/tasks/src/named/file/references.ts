import { type Answers, joined } from '../../example.js';
import type { Split } from '../../reading/split.js';
import type { FileRow } from './rows.js';

type TextRow = FileRow<Answers['text']>;

/** Rows with texts that may be written, as a split has them: trained on one by one, else joined. */
export const referencesOf = (rows: readonly TextRow[], split: Split): TextRow[] =>
  split === 'train' ? eachReference(rows) : joinedRows(rows);

/** Training examples: one for each reference. */
function eachReference(rows: readonly TextRow[]): TextRow[] {
  return rows.flatMap((row) =>
    row.answer.references.map((reference) => ({
      ...row,
      name: JSON.stringify([row.name, reference]),
      answer: { ...row.answer, references: [reference] },
    })),
  );
}

/** Rows of equal input as one example, with all their references, in the order of the file. */
export function joinedRows(rows: readonly TextRow[]): TextRow[] {
  const first = new Map<string, TextRow>();
  for (const row of rows) {
    const text = joined(row.input);
    const known = first.get(text);
    if (known) known.answer.references.push(...row.answer.references);
    else
      first.set(text, {
        ...row,
        name: text,
        answer: { ...row.answer, references: [...row.answer.references] },
      });
  }
  return [...first.values()];
}
