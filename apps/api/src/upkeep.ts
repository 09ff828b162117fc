import type { Logger } from 'pino';
import type { KeptPlace } from '#artifacts/place.js';
import { collectGarbage, type Store } from '#artifacts/store.js';
import { referencedHashes } from '#db/checkpoints.js';
import type { Database } from '#db/database.js';
import { pruneEvents } from '#db/events.js';

const everyMs = 24 * 3_600_000;
const eventDays = 30;
export const graceMs = 24 * 3_600_000; // a file that nothing names may be about to be named

/** What the dispatching process tidies once a day: events that newer ones have replaced, and files that
 *  nothing names. */
export class Upkeep {
  private due = performance.now();

  constructor(private readonly services: { db: Database; store: Store<KeptPlace>; log: Logger }) {}

  /** Starts what is due, and waits for nothing: failures are logged, and it is tried again the next day. */
  start(): void {
    if (performance.now() < this.due) return;
    this.due = performance.now() + everyMs;
    const { log } = this.services;
    void this.tidy().catch((error: unknown) =>
      log.error({ err: error }, 'the upkeep failed; it is tried again tomorrow'),
    );
  }

  private async tidy(): Promise<void> {
    const { db, store, log } = this.services;
    const events = await pruneEvents(db, eventDays);
    const { files, bytes } = await collectGarbage(store, await referencedHashes(db), { graceMs });
    if (events || files)
      log.info({ events, files, bytes }, 'forgot old events, and files that nothing names');
  }
}
