import type { Store } from '#artifacts/store.js';
import type { Database } from '#db/database.js';
import type { EventStreams } from './event-streams.js';
import type { ReadingThreads } from './reading/reading-threads.js';

/** What the controllers work with; injected as `PARTS`. */
export interface Parts {
  db: Database;
  store: Store;
  streams: EventStreams;
  reading: ReadingThreads;
  dataElsewhere: boolean; // files that are not here may lie where it is trained
}

export const PARTS = Symbol('parts');
