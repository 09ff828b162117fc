import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '#db/database.js';
import { pendingMigrations } from '#db/migrate.js';

const everyMs = 500;

export interface SchemaPatience {
  patienceMs: number;
  signal: AbortSignal; // gives up when it aborts
  log(line: string): void;
}

/** Waits until the API has brought the database's tables to this version. Throws one sentence where they are
 *  newer, or still older when the patience ends. */
export async function awaitSchema(db: Database, { patienceMs, signal, log }: SchemaPatience): Promise<void> {
  const since = performance.now();
  for (let said = false; !signal.aborted; said = true) {
    const pending = await pendingMigrations(db.pool);
    if (pending.length === 0) return;
    const lacks = `the database is older than this version: it lacks ${pending.join(', ')}`;
    if (performance.now() - since > patienceMs)
      throw new Error(
        `${lacks}; start the API of this version, which brings it up to date, or use an older worker`,
      );
    if (!said) log(`${lacks}; waiting up to ${patienceMs / 1e3} s for the API to bring it up to date`);
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
}
