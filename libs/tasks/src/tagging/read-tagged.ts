import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { atOnce, inTurns } from '../in-turns.js';
import { type DataRecord, readRecords, readRecordsInTurns } from '../read-records.js';

/** Texts of a file with tagged words: rows of JSONL, items of a .json array (`line` counts them), or of anything else sentences of columns. Throws
 *  an Error naming the file and the line. */
export function readTagged(path: string): DataRecord[] {
  if (isRows(path)) return readRecords(path);
  if (!existsSync(path)) throw new Error(`the data file ${path} does not exist`);
  return full(path, atOnce(pieces(path, readFileSync(path, 'utf8'))));
}

/** The same a piece of the file at a time, with the event loop free in between. */
export async function readTaggedInTurns(path: string): Promise<DataRecord[]> {
  if (isRows(path)) return await readRecordsInTurns(path);
  return full(path, await inTurns(pieces(path, await readFile(path, 'utf8'))));
}

/** A sentence of columns: what stands in each line, and where. */
export interface Columns {
  lines: number[];
  rows: string[][];
}

export const isColumns = (path: string): boolean => !/\.(jsonl|ndjson|json)$/.test(path);

const isRows = (path: string): boolean => /\.(jsonl|ndjson)$/.test(path);

function pieces(path: string, text: string): Generator<void, DataRecord[]> {
  const plain = text.startsWith('\ufeff') ? text.slice(1) : text;
  return path.endsWith('.json') ? items(path, plain) : sentences(plain, path.endsWith('.conllu'));
}

function full(path: string, records: DataRecord[]): DataRecord[] {
  if (records.length === 0) throw new Error(`the data file ${path} is empty`);
  return records;
}

function* items(path: string, text: string): Generator<void, DataRecord[]> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${path}: not JSON`, { cause });
  }
  if (!Array.isArray(parsed)) throw new Error(`${path}: expected a JSON array`);
  const records: DataRecord[] = [];
  for (const [i, item] of parsed.entries()) {
    yield;
    if (typeof item !== 'object' || item === null) throw new Error(`${path}, item ${i + 1}: expected an object`);
    records.push({ line: i + 1, fields: item as Record<string, unknown> });
  }
  return records;
}

const documentStart = '-DOCSTART-';
const notAWord = /^\d+[-.]\d+$/; // CoNLL-U: a range of words, an empty node

function* sentences(text: string, isUniversal: boolean): Generator<void, DataRecord[]> {
  const records: DataRecord[] = [];
  let open: Columns = { lines: [], rows: [] };
  const close = () => {
    const [first] = open.lines;
    if (first !== undefined && open.rows[0]![0] !== documentStart) records.push({ line: first, fields: { columns: open } });
    open = { lines: [], rows: [] };
  };
  for (const [i, line] of text.split('\n').entries()) {
    yield;
    if (isUniversal && line.startsWith('#')) continue;
    const row = columnsOf(line.trimEnd());
    if (row.length === 0) close();
    else if (!(isUniversal && notAWord.test(row[0]!))) {
      open.lines.push(i + 1);
      open.rows.push(row);
    }
  }
  close();
  return records;
}

/** Parted by tabs where there are any, so that words may hold spaces. */
function columnsOf(line: string): string[] {
  if (line.trim() === '') return [];
  return line.includes('\t') ? line.split('\t').map((c) => c.trim()) : line.trim().split(/\s+/);
}
