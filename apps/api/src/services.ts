import type { Database } from '#db/database.js';
import type { EventStreams } from './event-streams.js';
import type { InputServices } from './inputs/given-inputs.js';
import type { ReadingThreads } from './reading/reading-threads.js';
import type { Tables } from './tables/tables.js';

/** What the controllers work with; injected as `SERVICES`. */
export interface Services extends InputServices {
  db: Database;
  streams: EventStreams;
  reading: ReadingThreads;
  tables: Tables;
}

export const SERVICES = Symbol('services');
