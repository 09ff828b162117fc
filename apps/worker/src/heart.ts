import { hostname } from 'node:os';
import { storeRecord, type StoreRecord } from '#db/artifact-store.js';
import type { Database } from '#db/database.js';
import { pendingMigrations } from '#db/migrate.js';
import { isOutage } from '#db/outage.js';
import { type Registration, registerWorker, seenWorker } from '#db/workers.js';
import type { Cache } from './cache.js';
import type { Machine } from './machine.js';
import { checkVersion } from './open-store.js';
import { touch } from './scratch.js';

const heartbeatMs = 5_000;

export interface HeartOptions {
  db: Database;
  registration: Omit<Registration, 'host'>;
  record: StoreRecord; // of the store that this worker opened
  version: string; // ours
  cache: Cache;
  scratch: string;
  machine: Machine;
  /** The worker is to end, since it can not work with what is there now. */
  end(why: string): void;
  log(line: string): void;
}

/** The worker's registration and its heartbeat, at which it also looks whether it still fits database, API
 *  and store. */
export class Heart {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: HeartOptions) {}

  get device(): string {
    return this.options.registration.device;
  }

  async start(): Promise<void> {
    await this.register();
    const { log } = this.options;
    this.timer = setInterval(
      () => void this.beat().catch((error: Error) => log(`heartbeat: ${error.message}`)),
      heartbeatMs,
    );
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private register(): Promise<void> {
    const { db, registration } = this.options;
    return registerWorker(db, { ...registration, host: hostname() });
  }

  private async beat(): Promise<void> {
    const { db, registration, record, version, cache, scratch, machine, end, log } = this.options;
    const seen = await seenWorker(db, registration.id);
    if (seen === 'unknown') {
      await this.register();
      await machine.show();
    }
    if (seen === 'revoked') end('the link with which this worker joined was revoked');
    await cache.touch();
    await touch(scratch).catch((error: Error) => log(`heartbeat: ${error.message}`));
    await pendingMigrations(db.pool).catch((error: Error) => {
      if (isOutage(error)) throw error;
      end(error.message); // the tables are another version's by now
    });
    const now = await storeRecord(db);
    try {
      if (now) checkVersion(now, version);
    } catch (error) {
      end((error as Error).message);
    }
    if (now && now.identity !== record.identity) end('the API keeps artifacts elsewhere by now');
  }
}
