/** What a row has in a field, by the field's name, or by a path within nested fields. */
import type { DataRecord } from './data-record.js';

/** A row lacks a field that the task reads, or holds another kind of value there. */
export class FieldError extends Error {}

/** Where in which file, and which knob names the field. */
export interface Asking {
  path: string;
  knob: string; // "task.input"
}

/** A row's place in its file, as messages name it. */
export const placeIn = (path: string, { line }: Pick<DataRecord, 'line'>): string =>
  `${path}, ${/\.json(\.gz)?$/i.test(path) ? 'item' : 'line'} ${line}`;

/** The text of a field: of numbers and truth values as they are written, '' of null. "answers.text" is a
 *  field of a field, "answers.0" an item of a list, and a list of one is its item. Throws an Error naming
 *  line and knob where there is none, or more than one text. */
export function textOf(record: DataRecord, name: string, { path, knob }: Asking): string {
  const found = valueOf(record.fields, name);
  if (found === undefined) {
    const names = Object.keys(record.fields);
    const one =
      names.length === 1 && /[;\t|]/.test(names[0]!) ? '; a .csv is parted by commas, a .tsv by tabs' : '';
    throw new FieldError(
      `${placeIn(path, record)}: no column "${name}", which ${knob} names; there are ${names.join(', ')}${one}`,
    );
  }
  const value = Array.isArray(found) && found.length === 1 ? (found[0] as unknown) : found;
  if (value === null) return '';
  if (typeof value !== 'object') return String(value);
  throw new FieldError(
    `${placeIn(path, record)}: "${name}" is ${inside(value, name)}, and ${knob} expects text`,
  );
}

/** The texts of a field: a list's, of one text that text alone, none of null or nothing. A .csv may hold a
 *  JSON list. Throws as textOf() does. */
export function textsOf(record: DataRecord, name: string, asking: Asking): string[] {
  const found = valueOf(record.fields, name);
  const items = Array.isArray(found) ? found : listIn(found);
  if (!items) {
    const text = textOf(record, name, asking);
    return text === '' ? [] : [text];
  }
  return items.map((item, i) => {
    if (typeof item === 'string' || typeof item === 'number') return String(item);
    throw new FieldError(
      `${placeIn(asking.path, record)}: item ${i} of "${name}" is no text, and ${asking.knob} expects texts`,
    );
  });
}

function listIn(value: unknown): unknown[] | undefined {
  if (typeof value !== 'string' || !/^\s*\[.*\]\s*$/s.test(value)) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined; // a text in brackets
  }
}

/** A field as the file has it; undefined where there is none. */
export function valueOf(fields: Record<string, unknown>, name: string): unknown {
  if (Object.hasOwn(fields, name)) return fields[name];
  let value: unknown = fields;
  for (const step of name.split('.')) {
    if (Array.isArray(value) && value.length === 1 && !/^\d+$/.test(step)) value = value[0];
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    if (Array.isArray(value) && !/^\d+$/.test(step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

function inside(value: object, name: string): string {
  const [first] = Object.keys(value);
  const example = first === undefined ? '' : `; one of them is "${name}.${first}"`;
  if (Array.isArray(value)) return `a list of ${value.length}${example}`;
  return `an object of the fields ${Object.keys(value).join(', ')}${example}`;
}

/** A row as one text, the same from every kind of file: its fields in the order of their names, empty ones
 *  left out. */
export function rowText({ fields }: DataRecord): string {
  return JSON.stringify(sorted(fields, (v) => (typeof v === 'object' ? v : String(v))));
}

function sorted(value: object, leaf: (v: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((v) => inner(v, leaf));
  const entries = Object.entries(value).filter(([, v]) => v !== null && v !== '');
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, v]) => [key, inner(v, leaf)]);
}

const inner = (v: unknown, leaf: (v: unknown) => unknown): unknown =>
  typeof v === 'object' && v !== null ? sorted(v, leaf) : leaf(v);
