import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { visibleLine } from '#analysis/visible-text.js';
import { openStore } from '#artifacts/store.js';
import { openDatabase } from '#db/database.js';
import { cancelChannel } from '#db/channels.js';
import { listenTo } from '#db/listen-to.js';
import { pendingMigrations } from '#db/migrate.js';
import { isOutage } from '#db/outage.js';
import { forgetWorker, recordFault, registerWorker, seenWorker } from '#db/workers.js';
import { type Listener, openQueue } from '#queue/queue.js';
import { awaitSchema } from './await-schema.js';
import { Machine } from './machine.js';
import { openCache } from './member-folders.js';
import { runAttempt, type WorkerParts } from './run-attempt.js';
import { openScratch, touch } from './scratch.js';
import { settings } from './settings.js';
import { TrainerPool } from './trainer-pool.js';

/** The worker: owns a device, takes attempts when the bell rings and has its trainers run them. A plain program and not a Nest
 *  application: it has no requests, and the order in which its few parts open and close is what keeps trials safe, so that it stands here
 *  to be read. */

const heartbeatMs = 5_000;
const farewellMs = 5_000; // for telling a Postgres that may be away that we go

/** Messages hold names from outside, and somebody reads them in a terminal. */
const say = (line: string): void => void process.stderr.write(`${visibleLine(line)}\n`);
const log = (line: string): void => say(`${new Date().toISOString()} ${line}`);

async function main(): Promise<void> {
  const { id, databaseUrl, redisUrl, home, slots, threads, ...limits } = settings(process.env);
  const closing = new AbortController();
  let exitCode = 0;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => closing.abort());
  if (process.connected) process.on('disconnect', () => closing.abort()); // whoever started us is gone

  await mkdir(home, { recursive: true });
  const db = await openDatabase(databaseUrl);
  await awaitSchema(db, { patienceMs: limits.schemaPatienceMs, signal: closing.signal, log });
  if (closing.signal.aborted) process.exit(0);
  const scratch = await openScratch(home, id);
  const folders = { store: await openStore(join(home, 'artifacts')), scratch, cache: await openCache(home) };
  const trainers = await TrainerPool.start({ home, threads, patience: limits.patience, log }, slots);
  const queue = await openQueue({ redisUrl, databaseUrl, log });
  const leases: WorkerParts['leases'] = new Set();
  let listener: Listener | undefined;
  const machine = new Machine({
    folders: [scratch, join(folders.store.root, 'tmp')],
    pauseMs: limits.faultPauseMs,
    closing: closing.signal,
    take: (work) => listener?.take(work),
    prepare: () => trainers.refill(),
    show: (fault) => recordFault(db, id, fault),
    log,
  });
  const { trainerGrowth } = limits;
  const worker: WorkerParts = { id, db, folders, home, trainers, trainerGrowth, leases, machine, closing: closing.signal, log };
  const cancels = await listenTo(databaseUrl, [cancelChannel], () => leases.forEach((lease) => void lease.renew()));
  const registration = { id, slots, device: trainers.device };
  await registerWorker(db, registration);
  const beat = async (): Promise<void> => {
    if (!(await seenWorker(db, id))) {
      await registerWorker(db, registration);
      await machine.show();
    }
    await touch(scratch).catch((error: Error) => log(`heartbeat: ${error.message}`));
    await pendingMigrations(db.pool).catch((error: Error) => {
      if (isOutage(error)) throw error;
      log(error.message); // the tables are another version's by now
      exitCode = 1;
      closing.abort();
    });
  };
  const heart = setInterval(() => void beat().catch((error: Error) => log(`heartbeat: ${error.message}`)), heartbeatMs);
  listener = await queue.listen(slots, (job) => runAttempt(job, worker));
  process.stdout.write('peftgrid worker ready\n');

  await aborted(closing.signal);
  clearInterval(heart);
  await listener.close(); // what runs gives itself back: it has the same signal
  await trainers.close();
  await rm(scratch, { recursive: true, force: true }).catch((error: Error) => log(error.message));
  await Promise.race([farewell(), new Promise((resolve) => setTimeout(resolve, farewellMs).unref())]);
  process.exit(exitCode);

  async function farewell(): Promise<void> {
    await forgetWorker(db, id).catch((error: Error) => log(`farewell: ${error.message}`));
    await Promise.allSettled([cancels.close(), queue.close(), db.close()]);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });
}

main().catch((error: Error) => {
  say(`peftgrid worker: ${error.message}`);
  process.exit(1);
});
