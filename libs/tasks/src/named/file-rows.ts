import type { FileClass } from '#contracts/tasks/file.js';
import { placeIn, rowText, textOf } from '../reading/fields.js';
import type { DataRecord } from '../reading/data-record.js';
import { slotsOf, template } from '../reading/template.js';
import type { Segments } from '../example.js';

/** A row of a file as the task reads it. */
export interface FileRow {
  place: string; // "FILE, line 3"
  row: string; // decides its split, whatever the template
  name: string; // and its place within that
  input: Segments;
  label: number;
  group?: string;
}

const mostEmpty = 0.05; // of a file's rows

/** The rows of one file. Adds a warning where some have no text; throws an Error naming the line where one does not fit, or too many have none. */
export function* fileRows(
  config: FileClass,
  path: string,
  records: readonly DataRecord[],
  classes: ReadonlyMap<string, number>,
  warnings: string[],
): Generator<void, FileRow[]> {
  const templates = [config.input].flat();
  if (templates.flatMap(slotsOf).includes(config.label))
    throw new Error(`task.input shows {${config.label}}, the column of the labels: the answer would stand in the text`);
  const fills = templates.map((text) => template(text, path));
  const rows: FileRow[] = [];
  const empty: string[] = [];
  for (const record of records) {
    yield;
    const place = placeIn(path, record);
    const said = labelOf(config, path, record);
    const label = classes.get(said);
    if (label === undefined) throw new Error(`${place}: the label "${said}" is none of ${known([...classes.keys()])}`);
    const filled = fills.map((fill) => fill(record));
    const input = filled.map(({ text }) => text);
    if (filled.every((segment) => segment.empty)) empty.push(place);
    const group = config.groupBy === null ? undefined : groupOf(config.groupBy, path, record);
    rows.push({ place, ...identity(config.label, record), input, label, ...(group !== undefined && { group }) });
  }
  if (empty.length) {
    const message = `${empty[0]}: nothing stands where task.input has its slots; so it is in ${empty.length} of ${rows.length} rows`;
    if (empty.length > mostEmpty * rows.length) throw new Error(`${message}, and ${mostEmpty * 100} % may be empty`);
    warnings.push(message);
  }
  return rows;
}

/** The whole row; of a text and its label alone the text, so that equal texts stay together. */
function identity(label: string, record: DataRecord): Pick<FileRow, 'row' | 'name'> {
  const { [label]: said, ...others } = record.fields;
  const [only, ...more] = Object.values(others);
  if (said === undefined || more.length > 0 || typeof only === 'object' || only === undefined) {
    const row = rowText(record);
    return { row, name: row };
  }
  return { row: String(only), name: JSON.stringify([String(only), String(said)]) };
}

export function labelOf({ label }: FileClass, path: string, record: DataRecord): string {
  const text = textOf(record, label, { path, knob: 'task.label' });
  if (text.trim() === '') throw new Error(`${placeIn(path, record)}: no label in column "${label}"`);
  return text;
}

export function groupOf(groupBy: string, path: string, record: DataRecord): string {
  const group = textOf(record, groupBy, { path, knob: 'task.groupBy' });
  if (group.trim() === '') throw new Error(`${placeIn(path, record)}: no group in column "${groupBy}", which task.groupBy names`);
  return group;
}

/** A warning where a file's columns are others than the training file's. */
export function otherColumns(main: string, its: readonly DataRecord[], path: string, own: readonly DataRecord[]): string[] {
  const [trained, other] = [Object.keys(its[0]!.fields), Object.keys(own[0]!.fields)];
  const lacks = trained.filter((name) => !other.includes(name));
  const more = other.filter((name) => !trained.includes(name));
  if (lacks.length + more.length === 0) return [];
  const said = [...(lacks.length ? [`lacks ${lacks.join(', ')}`] : []), ...(more.length ? [`has ${more.join(', ')} more`] : [])];
  return [`${path} has other columns than ${main}: it ${said.join(' and ')}`];
}

const most = 20;

const known = (labels: readonly string[]): string =>
  `${labels.slice(0, most).join(', ')}${labels.length > most ? ` and ${labels.length - most} more` : ''}`;
