import type { WorkerView } from '#contracts/worker.js';
import type { Database } from './database.js';
import { selectSlots } from './sql/open-slots.js';
import { upsertWorker } from './sql/register-worker.js';
import { seeWorkers } from './sql/see-workers.js';
import { selectWorkers } from './sql/select-workers.js';
import { only } from './statement.js';
import { together } from './together.js';
import { wakeDispatcher } from './wake.js';

const aliveSeconds = 20;

export async function registerWorker(
  db: Database,
  { id, slots, device }: Pick<WorkerView, 'id' | 'slots' | 'device'>,
): Promise<void> {
  await upsertWorker(db.pool, [id, slots, device]);
  await wakeDispatcher(db.pool);
}

const seenTogether = together<string, boolean>(async (db, ids) => {
  const registered = new Set((await seeWorkers(db.pool, [ids])).map((row) => row.id));
  return ids.map((id) => registered.has(id));
});

/** The worker's own heartbeat, apart from its leases: it may be idle. False: it is not registered. */
export function seenWorker(db: Database, id: string): Promise<boolean> {
  return seenTogether(db, id);
}

/** What is wrong with the worker's machine, for which it takes no work; null: nothing any more. */
export async function recordFault(db: Database, id: string, fault: string | null): Promise<void> {
  await db.prisma.worker.updateMany({ where: { id }, data: { fault } });
  if (fault === null) await wakeDispatcher(db.pool);
}

/** A worker that ended in good order. */
export async function forgetWorker(db: Database, id: string): Promise<void> {
  await db.prisma.worker.deleteMany({ where: { id } });
}

export async function workerViews(db: Database): Promise<WorkerView[]> {
  const rows = await selectWorkers(db.pool, [aliveSeconds]);
  return rows.map((row) => ({ ...row, seenAt: row.seenAt.toISOString() }));
}

/** How many jobs may be handed out now: the slots of workers that are alive and sound, and `ahead` more so that none
 *  waits for the dispatcher, less the jobs that are under way. At most one a slot is ahead. 0 where there is no such worker. */
export async function openSlots(db: Database, ahead = 1): Promise<number> {
  const { slots, jobs } = only(await selectSlots(db.pool, [aliveSeconds]));
  return slots === 0 ? 0 : Math.max(0, slots + Math.min(slots, ahead) - jobs);
}
