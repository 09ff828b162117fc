import type { DataRecord } from './data-record.js';
import { type Quote, readRecords, readRecordsInTurns } from './read-records.js';
import { readTagged, readTaggedInTurns } from './read-tagged.js';

/** How a task's files are read as records. */
export interface Reader {
  way: string; // files that are read in equal ways have equal records
  atOnce(path: string): DataRecord[];
  /** A piece of the file at a time, with the event loop free in between. */
  inTurns(path: string): Promise<DataRecord[]>;
}

export const rowsReader = (quote: Quote = null): Reader => ({
  way: `rows ${quote}`,
  atOnce: (path) => readRecords(path, quote),
  inTurns: (path) => readRecordsInTurns(path, quote),
});

export const taggedReader: Reader = { way: 'tagged', atOnce: readTagged, inTurns: readTaggedInTurns };
