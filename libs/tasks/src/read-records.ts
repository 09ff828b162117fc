import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

/** A row of a data file with the line it began on. */
export interface DataRecord {
  line: number;
  fields: Record<string, unknown>;
}

/** Rows of a .csv, .tsv or .jsonl file. Throws an Error naming the file and the line. */
export function readRecords(path: string): DataRecord[] {
  if (!existsSync(path)) throw new Error(`the data file ${path} does not exist`);
  const text = readFileSync(path, 'utf8');
  if (text.trim() === '') throw new Error(`the data file ${path} is empty`);
  const records = /\.(jsonl|ndjson)$/.test(path) ? jsonLines(path, text) : separated(path, text);
  if (records.length === 0) throw new Error(`the data file ${path} has a header and no rows`);
  return records;
}

function jsonLines(path: string, text: string): DataRecord[] {
  return text.split('\n').flatMap((row, i) => {
    if (row.trim() === '') return [];
    let fields: unknown;
    try {
      fields = JSON.parse(row);
    } catch (cause) {
      throw new Error(`${path}, line ${i + 1}: not JSON`, { cause });
    }
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
      throw new Error(`${path}, line ${i + 1}: expected an object`);
    return [{ line: i + 1, fields: fields as Record<string, unknown> }];
  });
}

function separated(path: string, text: string): DataRecord[] {
  try {
    const options = {
      columns: true,
      info: true,
      bom: true,
      skip_empty_lines: true,
      delimiter: path.endsWith('.tsv') ? '\t' : ',',
    } as const;
    const rows = parse(text, options) as unknown as { info: { lines: number }; record: Record<string, string> }[];
    return rows.map(({ info, record }) => ({ line: info.lines, fields: record }));
  } catch (cause) {
    throw new Error(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
