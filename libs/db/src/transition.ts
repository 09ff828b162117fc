import type { PoolClient } from 'pg';
import type { Database } from './database.js';

export type Tx = PoolClient;

/** Held by every transaction that changes a state or writes an event, from its start: events then become visible in the order of their
 *  ids, the last trial of an experiment sees that it is the last, and no two of them can deadlock. They take milliseconds each. */
const lock = 7_420_001;
const tries = 5;
const worthAnotherTry = new Set(['40P01', '40001']); // deadlock with a transaction that holds no lock, serialization failure

/** Runs `change` in one transaction, one at a time over all processes. What it threw is rethrown after the rollback. */
export async function transition<T>(db: Database, change: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await inTransaction(db, async (tx) => {
        await takeTurn(tx);
        return change(tx);
      });
    } catch (error) {
      if (attempt >= tries || !worthAnotherTry.has((error as { code?: string }).code ?? '')) throw error;
    }
  }
}

/** Waits until no other transition is under way; this transaction is then the one until it ends. */
export async function takeTurn(tx: Tx): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1)', [lock]);
}

export async function inTransaction<T>(db: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  const tx = await db.pool.connect();
  let broken: Error | undefined;
  try {
    await tx.query('begin');
    const result = await work(tx);
    await tx.query('commit');
    return result;
  } catch (error) {
    await tx.query('rollback').catch((failure: Error) => (broken = failure)); // the connection is gone: not back into the pool
    throw error;
  } finally {
    tx.release(broken);
  }
}
