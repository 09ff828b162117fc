/** Rows that are read as they are written, and are probably not what was meant. */
import { joined, type Segments } from '../example.js';
import type { Split } from './split.js';
import { placeIn } from './fields.js';
import type { DataRecord } from './data-record.js';
import { lineEnd } from './utf8.js';

/** A warning where a quoted value of a .csv or .tsv holds whole lines of as many columns as the file has: one
 *  quote too many opened it. */
export function swallowedRows(path: string, records: readonly DataRecord[]): string[] {
  const delimiter = /\.csv(\.gz)?$/i.test(path) ? ',' : '\t';
  if (!/\.[ct]sv(\.gz)?$/i.test(path)) return [];
  const columns = Object.keys(records[0]!.fields).length;
  const wide = (line: string) => line.split(delimiter).length === columns;
  const swallowing = records.filter(({ fields }) =>
    Object.values(fields).some((value) => {
      const lines = String(value).split(lineEnd);
      return columns > 1 && lines.length > 2 && lines.slice(1, -1).every(wide);
    }),
  );
  const [first] = swallowing;
  if (!first) return [];
  return [
    `${placeIn(path, first)}: a quoted value holds lines that look like rows; so it is in ${swallowing.length} of ${records.length} rows (task.quote: '' reads quotes as text)`,
  ];
}

/** A row's text, and what is right. */
interface Row {
  place: string;
  input: Segments;
  label: number | string;
  group?: string;
}

/** Warnings, with counts, of texts that have several labels, of validation and test texts that are trained on
 *  as well, and of groups likewise. */
export function* repeatedTexts(
  splits: Record<Split, readonly Row[]>,
  // cut: by the row, from the training file
  { labels, cut = {} }: { labels?: readonly string[]; cut?: { validation?: boolean; test?: boolean } },
): Generator<void, string[]> {
  const trained = new Map<string, Row>();
  const groups = new Map<string, Row>();
  const firsts = new Map<string, Row>();
  const other = new Map<string, [Row, Row]>(); // text -> two rows of it with other labels
  const named = ({ label }: Row) => `"${typeof label === 'number' ? labels?.[label] : label}"`;
  const leaks: Record<'validation' | 'test', Row[]> = { validation: [], test: [] };
  const grouped: Record<'validation' | 'test', Row[]> = { validation: [], test: [] };
  for (const split of ['train', 'validation', 'test'] as const) {
    for (const row of splits[split]) {
      yield;
      const text = joined(row.input);
      const first = firsts.get(text);
      if (!first) firsts.set(text, row);
      else if (first.label !== row.label && !other.has(text)) other.set(text, [first, row]);
      if (split === 'train') {
        if (!trained.has(text)) trained.set(text, row);
        if (row.group !== undefined && !groups.has(row.group)) groups.set(row.group, row);
      } else {
        if (trained.has(text)) leaks[split].push(row);
        if (row.group !== undefined && groups.has(row.group)) grouped[split].push(row);
      }
    }
  }
  const warnings: string[] = [];
  const [pair] = [...other.values()];
  if (pair)
    warnings.push(
      `${count(other.size, 'text')} several labels; the first has ${named(pair[0])} at ${pair[0].place} and ${named(pair[1])} at ${pair[1].place}`,
    );
  for (const split of ['validation', 'test'] as const) {
    const [leak, group] = [leaks[split][0], grouped[split][0]];
    const mend = cut[split] ? '; task.groupBy keeps rows of one value in one split' : '';
    const of = (rows: readonly Row[]) => `${rows.length} of ${splits[split].length} ${split} rows`;
    if (leak)
      warnings.push(
        `${of(leaks[split])} have a text that is trained on too; the first is ${leak.place}, as ${trained.get(joined(leak.input))!.place}${mend}`,
      );
    if (group)
      warnings.push(
        `${of(grouped[split])} are of a group that is trained on too; the first is ${group.place}, as ${groups.get(group.group!)!.place}`,
      );
  }
  return warnings;
}

const count = (n: number, what: string): string => (n === 1 ? `1 ${what} has` : `${n} ${what}s have`);
