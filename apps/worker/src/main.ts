import { mkdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { visibleLine } from '#analysis/visible-text.js';
import { patiently } from '#artifacts/patience.js';
import { storeRecord } from '#db/artifact-store.js';
import { codeVersion } from '#db/code-version.js';
import { openDatabase } from '#db/database.js';
import { cancelChannel } from '#db/channels.js';
import { listenTo } from '#db/listen-to.js';
import { pendingMigrations } from '#db/migrate.js';
import { digestOf, newSecret } from '#db/join-links.js';
import { isOutage } from '#db/outage.js';
import { drainWorker, forgetWorker, recordFault, registerWorker, seenWorker } from '#db/workers.js';
import { type Listener, openQueue } from '#queue/queue.js';
import { awaitSchema } from './await-schema.js';
import { Cache } from './cache.js';
import { checkDevice, deviceEnvironment } from './device.js';
import { Draining } from './draining.js';
import { KnownPaces } from './gangs/known-paces.js';
import { Machine } from './machine.js';
import { awaitStoreRecord, checkVersion, openWorkersStore } from './open-store.js';
import { runAttempt, type WorkerServices } from './run-attempt.js';
import { openScratch, touch } from './scratch.js';
import { settings } from './settings.js';
import { TrainerPool } from './trainer-pool.js';

/** The worker: owns a device, takes attempts when the bell rings and has its trainers run them. A plain
 *  program and not a Nest application: it has no requests, and the order in which its few parts open and
 *  close is what keeps trials safe, so that it stands here to be read. */

const heartbeatMs = 5_000;
const farewellMs = 5_000; // for telling a Postgres that may be away that we go

/** Messages hold names from outside, and somebody reads them in a terminal. */
const say = (line: string): void => void process.stderr.write(`${visibleLine(line)}\n`);
const log = (line: string): void => say(`${new Date().toISOString()} ${line}`);

async function main(): Promise<void> {
  const { id, databaseUrl, redisUrl, home, slots, threads, device, labels, joinId, ...limits } = settings(
    process.env,
  );
  const [version, token] = [codeVersion(), newSecret()];
  const closing = new AbortController();
  let exitCode = 0;
  const draining = new Draining(closing, limits.drainMs, log);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => draining.start());
  if (process.connected) process.on('disconnect', () => closing.abort()); // whoever started us is gone

  await mkdir(home, { recursive: true });
  const db = await openDatabase(databaseUrl);
  await awaitSchema(db, { patienceMs: limits.schemaPatienceMs, signal: closing.signal, log });
  const record = await awaitStoreRecord(db, {
    patienceMs: limits.schemaPatienceMs,
    signal: closing.signal,
    log,
  });
  if (!record || closing.signal.aborted) process.exit(0);
  const patience = { ms: limits.storePatienceMs, signal: closing.signal, log };
  const { artifacts, apiUrl, cacheBytes } = limits;
  const here = { home, patience, copiesBytes: cacheBytes };
  const store = await openWorkersStore(record, { artifacts, apiUrl, token, version, here });
  log(`artifacts lie in the store ${store.place.name}`);
  const scratch = await openScratch(home, id);
  const cache = await Cache.open(home, store, { mostBytes: cacheBytes, log });
  const folders = { store, scratch, cache };
  const environment = deviceEnvironment(device);
  log(`starting ${slots} trainer${slots === 1 ? '' : 's'}`);
  const trainers = await TrainerPool.start(
    { home, threads, environment, patience: limits.patience, log },
    slots,
  );
  checkDevice(device, trainers.device);
  const queue = await openQueue({ redisUrl, databaseUrl, log });
  const leases: WorkerServices['leases'] = new Set();
  let listener: Listener | undefined;
  const machine = new Machine({
    folders: [scratch, join(store.local.root, 'tmp')],
    pauseMs: limits.faultPauseMs,
    closing: closing.signal,
    take: (work) => listener?.take(work),
    prepare: async () => {
      await patiently(store.place, { ms: 0 }, () => store.place.probe());
      await trainers.refill();
    },
    show: (fault) => recordFault(db, id, fault),
    log,
  });
  const { trainerGrowth } = limits;
  const worker: WorkerServices = {
    id,
    db,
    folders,
    home,
    trainers,
    trainerGrowth,
    leases,
    machine,
    paces: new KnownPaces({ home, device: trainers.device, cap: limits.gang, log }),
    closing: closing.signal,
    log,
  };
  const cancels = await listenTo(databaseUrl, [cancelChannel], () =>
    leases.forEach((lease) => void lease.renew()),
  );
  const registration = {
    id,
    slots,
    device: trainers.device,
    host: hostname(),
    labels,
    version,
    tokenDigest: digestOf(token),
    joinId,
  };
  await registerWorker(db, registration);
  const beat = async (): Promise<void> => {
    const seen = await seenWorker(db, id);
    if (seen === 'unknown') {
      await registerWorker(db, registration);
      await machine.show();
    }
    if (seen === 'revoked') end('the link with which this worker joined was revoked');
    await cache.touch();
    await touch(scratch).catch((error: Error) => log(`heartbeat: ${error.message}`));
    await pendingMigrations(db.pool).catch((error: Error) => {
      if (isOutage(error)) throw error;
      end(error.message); // the tables are another version's by now
    });
    const now = await storeRecord(db);
    try {
      if (now) checkVersion(now, version);
    } catch (error) {
      end((error as Error).message);
    }
    if (now && now.identity !== record.identity) end('the API keeps artifacts elsewhere by now');
  };
  const heart = setInterval(
    () => void beat().catch((error: Error) => log(`heartbeat: ${error.message}`)),
    heartbeatMs,
  );
  listener = await queue.listen(slots, (job) => runAttempt(job, worker));
  process.stdout.write('peftgrid worker ready\n');
  log(`ready: ${slots} slot${slots === 1 ? '' : 's'} on ${trainers.device}; waits for trials`);

  await draining.over(
    async () => {
      listener?.take(false);
      await drainWorker(db, id).catch((error: Error) => log(error.message));
    },
    () => leases.size,
  );
  clearInterval(heart);
  await listener.close(); // what runs gives itself back: it has the same signal
  await trainers.close();
  await rm(scratch, { recursive: true, force: true }).catch((error: Error) => log(error.message));
  await Promise.race([farewell(), new Promise((resolve) => setTimeout(resolve, farewellMs).unref())]);
  process.exit(exitCode);

  function end(why: string): void {
    log(why);
    exitCode = 1;
    closing.abort();
  }

  async function farewell(): Promise<void> {
    await forgetWorker(db, id).catch((error: Error) => log(`farewell: ${error.message}`));
    await Promise.allSettled([cancels.close(), queue.close(), db.close()]);
  }
}

main().catch((error: Error) => {
  say(`peftgrid worker: ${error.message}`);
  process.exit(1);
});
