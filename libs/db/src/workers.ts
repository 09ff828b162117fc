import type { WorkerState, WorkerView } from '#contracts/worker.js';
import type { Database } from './database.js';
import { selectSlots } from './sql/open-slots.js';
import { upsertWorker } from './sql/register-worker.js';
import { seeWorkers } from './sql/see-workers.js';
import { selectWorkers } from './sql/select-workers.js';
import { together } from './together.js';
import { wakeDispatcher } from './wake.js';
import { queueOf } from './worker-queue.js';

/** How long a worker that says nothing counts as alive. */
export const aliveSeconds = 20;

export interface Registration extends Pick<WorkerView, 'id' | 'slots' | 'device'> {
  host?: string;
  labels?: readonly string[];
  version?: string;
  tokenDigest?: string; // of what it shows to the API
  joinId?: string | undefined; // of the link with which its machine joined
}

export async function registerWorker(db: Database, worker: Registration): Promise<void> {
  const {
    id,
    slots,
    device,
    host = null,
    labels = [],
    version = null,
    tokenDigest = null,
    joinId = null,
  } = worker;
  const rest = [version, tokenDigest, joinId, queueOf(labels)];
  await upsertWorker(db.pool, [id, slots, device, host, [...new Set(labels)].toSorted(), ...rest]);
  await wakeDispatcher(db.pool);
}

/** `unknown`: it is not registered. `revoked`: the link with which it joined was. */
export type Seen = 'known' | 'unknown' | 'revoked';

const seenTogether = together<string, Seen>(async (db, ids) => {
  const registered = new Map((await seeWorkers(db.pool, [ids])).map((row) => [row.id, row.revoked]));
  return ids.map((id) => (registered.has(id) ? (registered.get(id) ? 'revoked' : 'known') : 'unknown'));
});

/** The worker's own heartbeat, apart from its leases: it may be idle. */
export function seenWorker(db: Database, id: string): Promise<Seen> {
  return seenTogether(db, id);
}

/** It takes no more work, and ends when what runs has. */
export async function drainWorker(db: Database, id: string): Promise<void> {
  await db.prisma.worker.updateMany({ where: { id }, data: { draining: true } });
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
  return rows.map(({ draining, ...row }) => ({
    ...row,
    state: stateOf({ draining, ...row }),
    startedAt: row.startedAt.toISOString(),
    seenAt: row.seenAt.toISOString(),
  }));
}

function stateOf({
  alive,
  fault,
  draining,
  running,
}: Pick<WorkerView, 'alive' | 'fault' | 'running'> & { draining: boolean }): WorkerState {
  if (!alive) return 'gone';
  if (fault !== null) return 'fault';
  if (draining) return 'draining';
  return running > 0 ? 'training' : 'idle';
}

/** Workers that hear one queue, since they have the same labels. */
export interface WorkerKind {
  queue: string;
  labels: string[];
  slots: number; // jobs that they may be handed now
}

/** How many jobs may be handed out now, to workers that are alive and sound, by their labels: those with the
 *  fewest first. It is their slots, and `aheadOf` their queue more so that none waits for the dispatcher,
 *  less the jobs that are under way. None while more than half of those ahead wait: they are made up in one
 *  round. */
export async function openSlots(
  db: Database,
  aheadOf: (queue: string) => number = () => 1,
): Promise<WorkerKind[]> {
  const kinds = await selectSlots(db.pool, [aliveSeconds]);
  return kinds.map(({ queue, labels, slots, jobs, waiting }) => {
    const ahead = aheadOf(queue);
    const free = Math.max(0, slots - (jobs - waiting));
    const rests = waiting >= free + ahead / 2;
    return { queue, labels, slots: rests ? 0 : Math.max(0, slots + ahead - jobs) };
  });
}
