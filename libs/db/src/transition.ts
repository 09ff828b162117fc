import { Client, type PoolClient } from 'pg';
import type { Database } from './database.js';
import { openOutbox, writeOutbox } from './outbox.js';
import { together } from './together.js';

export type Tx = PoolClient;

/** Held by every transaction that changes a state or writes an event. Events then become visible in the order
 *  of their ids, the last trial of an experiment sees that it is the last, and no two of them can deadlock.
 */
const lock = 7_420_001;
const tries = 5;
// deadlock with a transaction that holds no lock, serialization failure
const worthAnotherTry = new Set(['40P01', '40001']);

/** Every statement of a transaction finds its rows by an index. Without this a plan that was made while the
 *  tables were empty, or before their statistics were, reads them whole. */
const begin = 'begin; set local enable_seqscan = off';
const turn = `select pg_advisory_xact_lock(${lock})`;

export interface Waited {
  signal?: AbortSignal | undefined; // nobody waits for the outcome any more
}

type Change<T> = (tx: Tx) => Promise<T>;

const inTurn = together<Change<unknown>, unknown>(async (db, changes, more) => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction(db, `${begin}; ${turn}`, async (tx) => {
        changes.push(...more());
        const results: unknown[] = [];
        for (const change of changes) results.push(await change(tx));
        return results;
      });
    } catch (error) {
      if (attempt >= tries || !worthAnotherTry.has((error as { code?: string }).code ?? '')) throw error;
    }
  }
});

/** Runs `change` in a transaction, one at a time over all processes. Those of this process that meet share
 *  one, and with it a turn and a commit; what one of them throws is its own. A change may be run again after
 *  a rollback. */
export function transition<T>(db: Database, change: Change<T>): Promise<T> {
  return inTurn(db, change) as Promise<T>;
}

/** Changes of one kind, which `work` makes in one go and answers in the order of the asks. All that this
 *  process has asked for when the turn comes is in it. */
export const transitionTogether = <Ask, Answer>(work: (tx: Tx, asks: Ask[]) => Promise<Answer[]>) =>
  together<Ask, Answer>((db, asks, more) =>
    transition(db, (tx) => {
      asks.push(...more());
      return work(tx, asks);
    }),
  );

/** Waits until no other transition is under way; this transaction is then the one until it ends. */
export async function takeTurn(tx: Tx): Promise<void> {
  await tx.query(turn);
}

/** Runs `work` in one transaction. Where the signal aborts, the statement that runs is cancelled, and its
 *  reason thrown after the rollback. */
export function inTransaction<T>(
  db: Database,
  work: (tx: Tx) => Promise<T>,
  waited: Waited = {},
): Promise<T> {
  return transaction(db, begin, work, waited);
}

async function transaction<T>(
  db: Database,
  opening: string,
  work: (tx: Tx) => Promise<T>,
  { signal }: Waited = {},
): Promise<T> {
  const ending = signal ? AbortSignal.any([signal, db.closing]) : db.closing;
  ending.throwIfAborted();
  const tx = await db.pool.connect();
  let broken: Error | undefined;
  let cancelling: Promise<void> | undefined;
  const cancel = (): void => void (cancelling = cancelStatement(db.url, tx));
  ending.addEventListener('abort', cancel);
  try {
    openOutbox(tx);
    await tx.query(opening);
    const result = await work(tx);
    await writeOutbox(tx);
    ending.throwIfAborted();
    ending.removeEventListener('abort', cancel); // a commit is not taken back
    await tx.query('commit');
    return result;
  } catch (error) {
    ending.removeEventListener('abort', cancel);
    await cancelling;
    // the connection is gone: not back into the pool
    await tx.query('rollback').catch((failure: Error) => (broken = failure));
    if (cancelling) broken ??= new Error('a cancellation may still be on its way to it');
    ending.throwIfAborted();
    throw error;
  } finally {
    tx.release(broken);
  }
}

/** Over a connection of its own: those of the pool may all wait for what is to be cancelled. */
async function cancelStatement(url: string, tx: Tx): Promise<void> {
  const { processID } = tx as unknown as { processID: number };
  const client = new Client({ connectionString: url, application_name: 'peftgrid-cancel' });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select pg_cancel_backend($1)', [processID]);
  } catch {
    // Postgres is away, and the statement with it
  } finally {
    await client.end().catch(() => {});
  }
}
