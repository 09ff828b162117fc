import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { parse as parser } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { atOnce, inTurns } from './in-turns.js';

/** A row of a data file with the line it began on. */
export interface DataRecord {
  line: number;
  fields: Record<string, unknown>;
}

/** Rows of a .csv, .tsv or .jsonl file. Throws an Error naming the file and the line. */
export function readRecords(path: string): DataRecord[] {
  if (!existsSync(path)) throw new Error(`the data file ${path} does not exist`);
  const bytes = readFileSync(path);
  return rowsOf(path, bytes, isJsonLines(path) ? atOnce(jsonLines(path, bytes.toString())) : separated(path, bytes));
}

/** The same a piece of the file at a time, with the event loop free in between. */
export async function readRecordsInTurns(path: string): Promise<DataRecord[]> {
  const bytes = await readFile(path);
  const read = isJsonLines(path) ? inTurns(jsonLines(path, bytes.toString())) : separatedInTurns(path, bytes);
  return rowsOf(path, bytes, await read);
}

function rowsOf(path: string, bytes: Buffer, records: DataRecord[]): DataRecord[] {
  if (records.length > 0) return records;
  throw new Error(`the data file ${path} ${bytes.toString().trim() === '' ? 'is empty' : 'has a header and no rows'}`);
}

const isJsonLines = (path: string): boolean => /\.(jsonl|ndjson)$/.test(path);

function* jsonLines(path: string, text: string): Generator<void, DataRecord[]> {
  const records: DataRecord[] = [];
  for (const [i, row] of text.split('\n').entries()) {
    yield;
    if (row.trim() !== '') records.push({ line: i + 1, fields: objectOf(`${path}, line ${i + 1}`, row) });
  }
  return records;
}

function objectOf(where: string, row: string): Record<string, unknown> {
  let fields: unknown;
  try {
    fields = JSON.parse(row);
  } catch (cause) {
    throw new Error(`${where}: not JSON`, { cause });
  }
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) throw new Error(`${where}: expected an object`);
  return fields as Record<string, unknown>;
}

interface Row {
  info: { lines: number };
  record: Record<string, string>;
}

const recordOf = ({ info, record }: Row): DataRecord => ({ line: info.lines, fields: record });

function separated(path: string, bytes: Buffer): DataRecord[] {
  try {
    return (parse(bytes, optionsOf(path)) as unknown as Row[]).map(recordOf);
  } catch (cause) {
    throw unparsed(path, cause);
  }
}

async function separatedInTurns(path: string, bytes: Buffer): Promise<DataRecord[]> {
  const records: DataRecord[] = [];
  try {
    await pipeline(pieces(bytes), parser(optionsOf(path)), async (rows: AsyncIterable<Row>) => {
      for await (const row of rows) records.push(recordOf(row));
    });
  } catch (cause) {
    throw unparsed(path, cause);
  }
  return records;
}

const pieceBytes = 1 << 16; // a millisecond's work or two

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    yield bytes.subarray(at, at + pieceBytes);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const optionsOf = (path: string) =>
  ({ columns: true, info: true, bom: true, skip_empty_lines: true, delimiter: path.endsWith('.tsv') ? '\t' : ',' }) as const;

const unparsed = (path: string, cause: unknown): Error =>
  new Error(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
