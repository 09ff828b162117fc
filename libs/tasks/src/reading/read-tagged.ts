import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { atOnce, inTurns } from './in-turns.js';
import type { DataRecord } from './data-record.js';
import { readRecords, recordsInTurns, recordsOf, refuseCompressed } from './read-records.js';
import { unpacked, unpackedInTurns } from './unpacked.js';
import { lineEnd, utf8Text } from './utf8.js';

/** Texts of a file with tagged words: rows of .jsonl, .ndjson or a .json array (`line` counts its items), or
 *  of anything else sentences of columns. Throws an Error naming the file and the line. */
export function readTagged(path: string): DataRecord[] {
  if (!isColumns(path)) return readRecords(path);
  if (!existsSync(path)) throw new Error(`the data file ${path} does not exist`);
  return taggedOf(path, readFileSync(path));
}

/** The same a piece of the file at a time, with the event loop free in between. */
export async function readTaggedInTurns(path: string): Promise<DataRecord[]> {
  return await taggedInTurns(path, await readFile(path));
}

/** Texts of a file's bytes; `path` has its ending, and is what messages call it. */
export const taggedOf = (path: string, content: Buffer): DataRecord[] =>
  isColumns(path) ? full(path, atOnce(sentencesOf(path, unpacked(path, content)))) : recordsOf(path, content);

/** taggedOf() a piece at a time. */
export const taggedInTurns = async (path: string, content: Buffer): Promise<DataRecord[]> =>
  isColumns(path)
    ? full(path, await inTurns(sentencesOf(path, await unpackedInTurns(path, content))))
    : await recordsInTurns(path, content);

/** A sentence of columns: what stands in each line, and where. */
export interface Columns {
  lines: number[];
  rows: string[][];
}

export const isColumns = (path: string): boolean => !/\.(jsonl|ndjson|json)(\.gz)?$/i.test(path);

function sentencesOf(path: string, content: Buffer): Generator<void, DataRecord[]> {
  refuseCompressed(path);
  if (/\.csv(\.gz)?$/i.test(path))
    throw new Error(
      `${path} ends in .csv; expected words and tags in .jsonl, .json, or columns parted by blanks or tabs`,
    );
  return sentences(utf8Text(path, content), /\.conllu(\.gz)?$/i.test(path));
}

function full(path: string, records: DataRecord[]): DataRecord[] {
  if (records.length === 0) throw new Error(`the data file ${path} is empty`);
  return records;
}

const documentStart = '-DOCSTART-';
const notAWord = /^\d+[-.]\d+$/; // CoNLL-U: a range of words, an empty node

function* sentences(text: string, isUniversal: boolean): Generator<void, DataRecord[]> {
  const records: DataRecord[] = [];
  let open: Columns = { lines: [], rows: [] };
  const close = () => {
    const [first] = open.lines;
    if (first !== undefined && open.rows[0]![0] !== documentStart)
      records.push({ line: first, fields: { columns: open } });
    open = { lines: [], rows: [] };
  };
  for (const [i, line] of text.split(lineEnd).entries()) {
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
