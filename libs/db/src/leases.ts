import type { Database } from './database.js';
import { returnAttempts } from './finish-attempts.js';
import { settle } from './settle.js';
import { anyExpired, lockExpiredAttempts } from './sql/expired-attempts.js';
import { only } from './statement.js';
import { transition } from './transition.js';

/** How long a worker holds an attempt without renewing. */
export const leaseSeconds = 10;

/** Ends every attempt whose lease has run out by the database's clock; its trial is ready again and the next
 *  attempt's fence shuts the old one out. Never counts as a crash. Returns the trials' ids. Not to be called
 *  while workers may have had no chance to renew. */
export async function expireLeases(db: Database): Promise<string[]> {
  if (!only(await anyExpired(db.pool, [])).any) return []; // the usual case, without keeping anybody waiting
  return transition(db, async (tx) => {
    const ofWorker = new Map<string, string[]>();
    for (const { id, worker } of await lockExpiredAttempts(tx, []))
      ofWorker.set(worker ?? '', [...(ofWorker.get(worker ?? '') ?? []), id]);
    const trials: string[] = [];
    for (const [worker, ids] of ofWorker) {
      const reason = `worker ${worker} was lost: it stopped renewing its lease`;
      trials.push(...(await returnAttempts(tx, ids, { reason, loss: true })));
    }
    await settle(tx, trials);
    return trials;
  });
}
