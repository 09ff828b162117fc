import type { DataRecord } from './data-record.js';
import { type Quote, readRecords, readRecordsInTurns } from './read-records.js';
import type { Layout } from './separated.js';
import { readTagged, readTaggedInTurns } from './read-tagged.js';

/** How a task's files are read as records. */
export interface Reader {
  way: string; // files that are read in equal ways have equal records
  atOnce(path: string): DataRecord[];
  /** A piece of the file at a time, with the event loop free in between. */
  inTurns(path: string): Promise<DataRecord[]>;
}

export const rowsReader = (quote: Quote = null, layout?: Layout): Reader => ({
  way: `rows ${quote} ${JSON.stringify(layout ?? {})}`,
  atOnce: (path) => readRecords(path, quote, layout),
  inTurns: (path) => readRecordsInTurns(path, quote, layout),
});

export const taggedReader: Reader = { way: 'tagged', atOnce: readTagged, inTurns: readTaggedInTurns };
