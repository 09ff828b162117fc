import type { WorkerView } from '#contracts/worker.js';
import type { Database } from './database.js';

const aliveSeconds = 20;

export async function registerWorker(
  db: Database,
  { id, slots, device }: Pick<WorkerView, 'id' | 'slots' | 'device'>,
): Promise<void> {
  await db.pool.query(
    `insert into "Worker" (id, slots, device, "seenAt") values ($1, $2, $3, now())
     on conflict (id) do update set slots = excluded.slots, device = excluded.device, "seenAt" = now()`,
    [id, slots, device],
  );
}

/** The worker's own heartbeat, apart from its leases: it may be idle. False: it is not registered. */
export async function seenWorker(db: Database, id: string): Promise<boolean> {
  const { rowCount } = await db.pool.query('update "Worker" set "seenAt" = now() where id = $1', [id]);
  return rowCount === 1;
}

/** What is wrong with the worker's machine, for which it takes no work; null: nothing any more. */
export async function recordFault(db: Database, id: string, fault: string | null): Promise<void> {
  await db.pool.query('update "Worker" set fault = $2 where id = $1', [id, fault]);
}

/** A worker that ended in good order. */
export async function forgetWorker(db: Database, id: string): Promise<void> {
  await db.pool.query('delete from "Worker" where id = $1', [id]);
}

export async function workerViews(db: Database): Promise<WorkerView[]> {
  const { rows } = await db.pool.query<Omit<WorkerView, 'seenAt'> & { seenAt: Date }>(
    `select w.id, w.slots, w.device, w.fault, w."seenAt", w."seenAt" > now() - $1 * interval '1 second' alive,
       (select count(*)::int from "Attempt" a where a.worker = w.id and a.state = 'running') running
     from "Worker" w order by w.id`,
    [aliveSeconds],
  );
  return rows.map((row) => ({ ...row, seenAt: row.seenAt.toISOString() }));
}

/** How many jobs may be handed out now: the slots of workers that are alive and sound, and `ahead` more so that none
 *  waits for the dispatcher, less the jobs that are under way. 0 where there is no such worker. */
export async function openSlots(db: Database, ahead = 1): Promise<number> {
  const { rows } = await db.pool.query<{ slots: number; jobs: number }>(
    `select (select coalesce(sum(slots), 0)::int from "Worker"
         where fault is null and "seenAt" > now() - $1 * interval '1 second') slots,
       (select count(distinct "jobId")::int from "Attempt" where state in ('dispatched', 'running')) jobs`,
    [aliveSeconds],
  );
  const { slots, jobs } = rows[0]!;
  return slots === 0 ? 0 : Math.max(0, slots + ahead - jobs);
}
