/** WebNLG's XML files, held to what the release has. */
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { DataRecord } from '../reading/data-record.js';
import { atOnce, inTurns } from '../reading/in-turns.js';
import type { Reader } from '../reading/reader.js';
import { lineEnd, utf8Bytes } from '../reading/utf8.js';

/** An entry: what is to be told, and texts that tell it. */
export interface WebNlgEntry {
  number: number; // in its file, from 1
  category: string;
  triples: [subject: string, property: string, object: string][];
  texts: { text: string; good: boolean }[];
}

export const webNlgReader: Reader = {
  way: 'webnlg',
  atOnce(path) {
    if (!existsSync(path)) throw new Error(`task.path: webnlg needs ${path}, as the release of 2017 has it`);
    return atOnce(entriesIn(path, readFileSync(path)));
  },
  inTurns: async (path) => await inTurns(entriesIn(path, await readFile(path))),
};

/** What fast-xml-parser gives of an element with these settings; elements of one name are always a list. */
interface Element {
  '#text'?: string;
  [attribute: `@${string}`]: string;
  [key: symbol]: { startIndex: number };
}

interface Entry extends Element {
  modifiedtripleset?: { mtriple?: Element[] }[];
  lex?: Element[];
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  alwaysCreateTextNode: true,
  captureMetaData: true, // where elements begin
  parseTagValue: false,
  isArray: (name) => ['entry', 'modifiedtripleset', 'mtriple', 'lex'].includes(name),
});

/** Under which the parser keeps where an element begins. */
const placeKey = XMLParser.getMetaDataSymbol() as unknown as symbol;

/** The entries of a file, an entry at a time. Throws an Error naming file and line. */
function* entriesIn(path: string, bytes: Buffer): Generator<void, DataRecord[]> {
  const xml = utf8Bytes(path, bytes).toString();
  const valid = XMLValidator.validate(xml);
  if (valid !== true)
    throw new Error(`${path}, line ${valid.err.line}: ${valid.err.msg}; expected XML of WebNLG`);
  yield;
  const parsed = parser.parse(xml) as { benchmark?: { entries?: { entry?: Entry[] } } };
  const entries = parsed.benchmark?.entries?.entry ?? [];
  if (entries.length === 0) throw new Error(`${path}: no entry in benchmark/entries; expected XML of WebNLG`);
  const records: DataRecord[] = [];
  let [line, at] = [1, 0];
  for (const [i, entry] of entries.entries()) {
    yield;
    const from = entry[placeKey]!.startIndex;
    line += xml.slice(at, from).split(lineEnd).length - 1;
    at = from;
    records.push({ line, fields: { ...entryOf(entry, i + 1, `${path}, line ${line}`) } });
  }
  return records;
}

function entryOf(entry: Entry, number: number, place: string): WebNlgEntry {
  const category = entry['@category'];
  if (!category) throw new Error(`${place}: the entry has no category`);
  const triples = (entry.modifiedtripleset?.[0]?.mtriple ?? []).map((element) =>
    tripleOf(element['#text'] ?? '', place),
  );
  if (triples.length === 0) throw new Error(`${place}: the entry has no mtriple in a modifiedtripleset`);
  const texts = (entry.lex ?? []).map((lex) => ({
    text: lex['#text'] ?? '',
    good: lex['@comment'] === 'good',
  }));
  const told = texts.filter(({ text }) => text.trim() !== '');
  if (told.length === 0) throw new Error(`${place}: the entry has no text in a lex`);
  return { number, category, triples, texts: told };
}

function tripleOf(text: string, place: string): [string, string, string] {
  const parts = text.split(' | ').map((part) => part.trim());
  if (parts.length !== 3 || parts.includes(''))
    throw new Error(`${place}: the triple "${text}"; expected subject | property | object`);
  return parts as [string, string, string];
}
