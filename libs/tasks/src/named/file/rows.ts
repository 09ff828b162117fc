/** The rows of a user's file, as any kind of task reads them. */
import type { Segments } from '../../example.js';
import type { DataRecord } from '../../reading/data-record.js';
import { placeIn, rowText, textOf } from '../../reading/fields.js';
import { slotsOf, template } from '../../reading/template.js';

/** A row of a file as the task reads it. */
export interface FileRow<A> {
  place: string; // "FILE, line 3"
  row: string; // decides its split, whatever the template
  name: string; // and its place within that
  input: Segments;
  answer: A;
  group?: string;
}

/** What a kind of task makes of a record. */
export interface RowReading<A> {
  /** The columns that hold the answer: no template may show them. */
  hidden: readonly string[];
  /** The templates of the segments. */
  templates: readonly string[];
  /** What is right of a row at `place`. Throws an Error that begins with the place. */
  answer(record: DataRecord, path: string, place: string): A;
  /** What of a row decides its split; absent: the row. */
  splitBy?(record: DataRecord): string;
  /** The last word on a row's segments. Throws an Error that begins with the place. */
  finished?(input: Segments, place: string): Segments;
}

const mostEmpty = 0.05; // of a file's rows

/** The rows of one file. Adds a warning where some have no text; throws an Error naming the line where one
 *  does not fit, or too many have none. */
export function* fileRows<A>(
  path: string,
  records: readonly DataRecord[],
  { groupBy, reading, warnings }: { groupBy: string | null; reading: RowReading<A>; warnings: string[] },
): Generator<void, FileRow<A>[]> {
  refuseShown(reading);
  const fills = reading.templates.map((text) => template(text, path));
  const rows: FileRow<A>[] = [];
  const empty: string[] = [];
  for (const record of records) {
    yield;
    const place = placeIn(path, record);
    const answer = reading.answer(record, path, place);
    const filled = fills.map((fill) => fill(record));
    if (filled.every((segment) => segment.empty)) empty.push(place);
    const group = groupBy === null ? undefined : groupOf(groupBy, path, record);
    const texts = filled.map(({ text }) => text);
    const input = reading.finished?.(texts, place) ?? texts;
    rows.push({ place, ...identity(record, reading), input, answer, ...(group !== undefined && { group }) });
  }
  if (empty.length) {
    const message = `${empty[0]}: nothing stands where task.input has its slots; so it is in ${empty.length} of ${rows.length} rows`;
    if (empty.length > mostEmpty * rows.length)
      throw new Error(`${message}, and ${mostEmpty * 100} % may be empty`);
    warnings.push(message);
  }
  return rows;
}

function refuseShown<A>({ templates, hidden }: RowReading<A>): void {
  const slots = templates.flatMap(slotsOf);
  const shown = hidden.find((column) => slots.includes(column));
  if (shown !== undefined)
    throw new Error(
      `task.input shows {${shown}}, the column of the answers: the answer would stand in the text`,
    );
}

/** The whole row; of a text and its answer alone the text, so that equal texts stay together. */
function identity<A>(
  record: DataRecord,
  { hidden, splitBy }: RowReading<A>,
): Pick<FileRow<A>, 'row' | 'name'> {
  const others = Object.entries(record.fields).filter(([column]) => !hidden.includes(column));
  const answers = Object.entries(record.fields).filter(([column]) => hidden.includes(column));
  const [only, ...more] = others.map(([, value]) => value);
  const row = rowText(record);
  if (splitBy) return { row: splitBy(record), name: row };
  if (answers.length === 0 || more.length > 0 || typeof only === 'object' || only === undefined)
    return { row, name: row };
  return {
    row: String(only),
    name: JSON.stringify([String(only), ...answers.map(([, value]) => String(value))]),
  };
}

export function groupOf(groupBy: string, path: string, record: DataRecord): string {
  const group = textOf(record, groupBy, { path, knob: 'task.groupBy' });
  if (group.trim() === '')
    throw new Error(`${placeIn(path, record)}: no group in column "${groupBy}", which task.groupBy names`);
  return group;
}

/** A warning where a file's columns are others than the training file's. */
export function otherColumns(
  main: string,
  its: readonly DataRecord[],
  path: string,
  own: readonly DataRecord[],
): string[] {
  const [trained, other] = [Object.keys(its[0]!.fields), Object.keys(own[0]!.fields)];
  const lacks = trained.filter((name) => !other.includes(name));
  const more = other.filter((name) => !trained.includes(name));
  if (lacks.length + more.length === 0) return [];
  const said = [
    ...(lacks.length ? [`lacks ${lacks.join(', ')}`] : []),
    ...(more.length ? [`has ${more.join(', ')} more`] : []),
  ];
  return [`${path} has other columns than ${main}: it ${said.join(' and ')}`];
}
