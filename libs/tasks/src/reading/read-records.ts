import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { DataRecord } from './data-record.js';
import { atOnce, inTurns } from './in-turns.js';
import { jsonItems, jsonLines } from './json-rows.js';
import { lookOfText } from './look-alike.js';
import { type Dialect, type Layout, separated, separatedInTurns } from './separated.js';
import { unpacked, unpackedInTurns, withoutPacking } from './unpacked.js';
import { utf8Bytes } from './utf8.js';

/** Quotes of a .csv or .tsv: null is as its ending has them, '' none. */
export type Quote = '' | '"' | "'" | null;

/** Rows of a .csv, .tsv, .jsonl, .ndjson or .json file, plain or .gz. Throws an Error naming the file and the
 *  line. */
export function readRecords(path: string, quote: Quote = null, layout?: Layout): DataRecord[] {
  if (!existsSync(path)) throw new Error(`the data file ${path} does not exist`);
  return recordsOf(path, readFileSync(path), quote, layout);
}

/** The same a piece of the file at a time, with the event loop free in between. */
export async function readRecordsInTurns(
  path: string,
  quote: Quote = null,
  layout?: Layout,
): Promise<DataRecord[]> {
  return await recordsInTurns(path, await readFile(path), quote, layout);
}

/** Rows of a file's bytes; `path` has its ending, and is what messages call it. */
export function recordsOf(path: string, content: Buffer, quote: Quote = null, layout?: Layout): DataRecord[] {
  const ending = endingOf(path, content);
  const bytes = utf8Bytes(path, unpacked(path, content));
  const dialect = dialectOf(ending, quote, layout);
  return full(path, bytes, dialect ? separated(path, bytes, dialect) : atOnce(rows(path, ending, bytes)));
}

/** recordsOf() a piece at a time. */
export async function recordsInTurns(
  path: string,
  content: Buffer,
  quote: Quote = null,
  layout?: Layout,
): Promise<DataRecord[]> {
  const ending = endingOf(path, content);
  const bytes = utf8Bytes(path, await unpackedInTurns(path, content));
  const dialect = dialectOf(ending, quote, layout);
  return full(
    path,
    bytes,
    await (dialect ? separatedInTurns(path, bytes, dialect) : inTurns(rows(path, ending, bytes))),
  );
}

function full(path: string, bytes: Buffer, records: DataRecord[]): DataRecord[] {
  if (records.length > 0) return records;
  const header = /\.[ct]sv(\.gz)?$/i.test(path) ? 'a header and ' : '';
  throw new Error(
    `the data file ${path} ${bytes.toString().trim() === '' ? 'is empty' : `has ${header}no rows`}`,
  );
}

const endings = ['csv', 'tsv', 'jsonl', 'ndjson', 'json'] as const;
type Ending = (typeof endings)[number];

const compressed = /\.(zip|bz2|xz|zst|7z|parquet|arrow|xlsx?)$/i;

/** The ending decides the reader. Throws for another one, with what the content looks like. */
function endingOf(path: string, content: Buffer): Ending {
  refuseCompressed(path);
  const ending = /\.([^./\\]+)$/.exec(withoutPacking(path))?.[1]?.toLowerCase();
  const known = endings.find((e) => e === ending);
  if (known) return known;
  const expected = endings.map((e) => `.${e}`).join(', ');
  throw new Error(
    `${path} ${ending === undefined ? 'has no ending' : `ends in .${ending}`}; expected ${expected}${lookOfText(path, content)}`,
  );
}

/** Throws where a file's name says that it is no plain text. */
export function refuseCompressed(path: string): void {
  const ending = compressed.exec(path)?.[0];
  if (ending !== undefined)
    throw new Error(`${path} ends in ${ending}; unpack or export it first, to .csv, .tsv, .jsonl or .json`);
}

function dialectOf(ending: Ending, quote: Quote, layout?: Layout): Dialect | undefined {
  if (ending !== 'csv' && ending !== 'tsv') return undefined;
  if (ending === 'csv') return { delimiter: ',', quote: (quote ?? '"') || null, ...layout };
  return { delimiter: '\t', quote: quote || null, ...layout };
}

const rows = (path: string, ending: Ending, bytes: Buffer): Generator<void, DataRecord[]> =>
  (ending === 'json' ? jsonItems : jsonLines)(path, bytes.toString());
