import type { Database } from './database.js';
import { returnAttempts } from './return-attempts.js';
import { settle } from './settle.js';
import { transition } from './transition.js';

/** How long a worker holds an attempt without renewing. */
export const leaseSeconds = 10;

/** Ends every attempt whose lease has run out by the database's clock; its trial is ready again and the next attempt's fence shuts the
 *  old one out. Never counts as a crash. Returns the trials' ids. Not to be called while workers may have had no chance to renew. */
export async function expireLeases(db: Database): Promise<string[]> {
  if (!(await anyExpired(db))) return []; // the usual case, without keeping anybody waiting
  return transition(db, async (tx) => {
    const { rows } = await tx.query<{ id: string; worker: string }>(
      `select id, worker from "Attempt" where state = 'running' and "leaseUntil" < now() order by id for update`,
    );
    const trials: string[] = [];
    for (const { id, worker } of rows) {
      const reason = `worker ${worker} was lost: it stopped renewing its lease`;
      trials.push(...(await returnAttempts(tx, [id], { reason, loss: true })));
    }
    await settle(tx, trials);
    return trials;
  });
}

async function anyExpired(db: Database): Promise<boolean> {
  const { rows } = await db.pool.query<{ any: boolean }>(
    `select exists (select from "Attempt" where state = 'running' and "leaseUntil" < now()) "any"`,
  );
  return rows[0]!.any;
}
