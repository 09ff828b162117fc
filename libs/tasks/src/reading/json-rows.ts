import { readingJson } from './json-value.js';
import type { DataRecord } from './data-record.js';
import { lineEnd } from './utf8.js';

/** The objects of JSON lines, one a line; blank lines are passed over. Throws an Error naming the line. */
export function* jsonLines(path: string, text: string): Generator<void, DataRecord[]> {
  const records: DataRecord[] = [];
  for (const [i, row] of text.split(lineEnd).entries()) {
    yield;
    if (row.trim() === '') continue;
    const where = `${path}, line ${i + 1}`;
    const fields = yield* readingJson(row, () => where);
    const array = i === 0 && Array.isArray(fields) ? '; a file that is one JSON array is called .json' : '';
    records.push({ line: i + 1, fields: objectOf(fields, where, array) });
  }
  return records;
}

/** The objects of a JSON array, or of the array `data` of an object, as SQuAD has it; `line` counts them.
 *  Throws an Error naming the line or the item. */
export function* jsonItems(path: string, text: string): Generator<void, DataRecord[]> {
  const hint = `expected a JSON array of objects${/^\s*\{.*\}\s*[\r\n]+\s*\{/.test(text) ? '; JSON lines are called .jsonl' : ''}`;
  const where = (at: number) => `${path}, line ${text.slice(0, at).split(lineEnd).length}`;
  let items: unknown;
  try {
    items = yield* readingJson(text, where);
  } catch (cause) {
    throw new Error(`${(cause as Error).message}; ${hint}`, { cause });
  }
  const { data } = (items ?? {}) as { data?: unknown };
  if (!Array.isArray(items) && Array.isArray(data)) items = data;
  if (!Array.isArray(items)) throw new Error(`${path}: ${kindOf(items)}; ${hint}`);
  const records: DataRecord[] = [];
  for (const [i, item] of items.entries()) {
    yield;
    records.push({ line: i + 1, fields: objectOf(item, `${path}, item ${i + 1}`) });
  }
  return records;
}

function objectOf(value: unknown, where: string, hint = ''): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new Error(`${where}: ${kindOf(value)}; expected an object${hint}`);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}
