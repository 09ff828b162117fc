import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { FileLanguage } from '#contracts/tasks/file.js';
import type { DataRecord } from './data-record.js';
import type { Reader } from './reader.js';
import { unpacked, unpackedInTurns } from './unpacked.js';
import { lineEnd, utf8Text } from './utf8.js';

type Unit = FileLanguage['documents'];

/** A plain text file as documents, each a record with the field `text`; the empty ones are passed over. */
export const documentsReader = (unit: Unit): Reader => ({
  way: `documents ${unit}`,
  atOnce: (path) => documentsOf(path, unpacked(path, readFileSync(path)), unit),
  inTurns: async (path) => documentsOf(path, await unpackedInTurns(path, await readFile(path)), unit),
});

const rows = /\.(csv|tsv|jsonl|ndjson|json)(\.gz)?$/i;

/** Throws an Error naming the file where it is no text, holds rows of columns, or has no document. */
function documentsOf(path: string, content: Buffer, unit: Unit): DataRecord[] {
  const ending = rows.exec(path)?.[0];
  if (ending !== undefined)
    throw new Error(
      `${path} ends in ${ending}, which holds rows with fields; task.kind: language predicts plain text, such as a .txt`,
    );
  const text = utf8Text(path, content);
  const records =
    unit === 'file' ? [{ line: 1, text }] : unit === 'lines' ? linesOf(text) : paragraphsOf(text);
  const full = records.filter((record) => record.text.trim() !== '');
  if (full.length === 0) throw new Error(`the data file ${path} is empty`);
  return full.map((record) => ({ line: record.line, fields: { text: record.text.trim() } }));
}

interface Document {
  line: number; // it begins at
  text: string;
}

const linesOf = (text: string): Document[] =>
  text.split(lineEnd).map((line, i) => ({ line: i + 1, text: line }));

function paragraphsOf(text: string): Document[] {
  const found: Document[] = [];
  let open = false;
  for (const { line, text: own } of linesOf(text)) {
    const blank = own.trim() === '';
    if (!blank && open) found.at(-1)!.text += `\n${own}`;
    else if (!blank) found.push({ line, text: own });
    open = !blank;
  }
  return found;
}
