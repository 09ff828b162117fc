import { createHash } from 'node:crypto';
import { createPostgresBackend, type Job, Queue, type QueueOptions, runMigrations, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { TrialJob } from '#contracts/queue.js';

/** The doorbell between dispatcher and workers: BullMQ on Redis, or on Postgres where there is no Redis. It
 *  carries addresses of attempts and may lose or repeat them: Postgres says what is to be done, and a claim
 *  takes it once. */
export interface TrialQueue {
  /** Puts jobs into the queue. One that is there already is not put in twice. */
  ring(jobs: readonly TrialJob[]): Promise<void>;
  /** Calls `handler` for at most `slots` jobs at a time. Its signal aborts when the queue has given the job
   *  to somebody else, or when the listener is closed; what it throws is logged and the job is over. */
  listen(slots: number, handler: (job: TrialJob, signal: AbortSignal) => Promise<void>): Promise<Listener>;
  /** Jobs that nobody has taken yet. */
  depth(): Promise<number>;
  close(): Promise<void>;
}

export interface Listener {
  /** Takes jobs (true), or takes none until it is told to; what runs goes on. A job may still come that was
   *  under way. */
  take(jobs: boolean): void;
  /** Takes no more, aborts the signals of what runs and waits for it. */
  close(): Promise<void>;
}

export interface QueueSettings {
  redisUrl?: string | undefined;
  databaseUrl: string;
  log?: (line: string) => void;
}

const name = 'trials';
const gone = { count: 0 }; // finished jobs are not kept: the record is in Postgres
/** A crashed listener's job is rung again in at most lockDuration + stalledInterval, however often that
 *  happens. */
const patience = { lockDuration: 15_000, stalledInterval: 5_000, maxStalledCount: 1_000_000 };

export async function openQueue(settings: QueueSettings): Promise<TrialQueue> {
  const { log = () => {} } = settings;
  if (!settings.redisUrl) await makeTables(settings.databaseUrl);
  const own = connect(settings);
  const queue = makeQueue(own.options);
  queue.on('error', (error: Error) => log(`queue: ${error.message}`));
  const listeners = new Set<Listener>();
  return {
    async ring(jobs) {
      const bulk = jobs.map((job) => ({
        name,
        data: job,
        opts: { jobId: idOf(job), removeOnComplete: true, removeOnFail: true },
      }));
      if (bulk.length) await queue.addBulk(bulk);
    },
    async listen(slots, handler) {
      const listener = await listenOn(settings, slots, handler);
      listeners.add(listener);
      return listener;
    },
    depth: () => queue.getWaitingCount(),
    async close() {
      await Promise.all([...listeners].map((listener) => listener.close()));
      await queue.close();
      await own.close();
    },
  };
}

/** Equal for equal jobs; a gang of which a member was given back is another job. */
function idOf(job: TrialJob): string {
  return `job-${createHash('sha256').update(JSON.stringify(job)).digest('hex').slice(0, 32)}`;
}

interface Connection {
  options: Parameters<typeof makeQueue>[0];
  close(): Promise<void>;
}

type Backend = { redis: Redis } | { postgres: string };

function connect({ redisUrl, databaseUrl, log = () => {} }: QueueSettings): Connection {
  if (!redisUrl) return { options: { postgres: databaseUrl }, close: async () => {} };
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  redis.on('error', (error: Error) => log(`redis: ${error.message}`)); // it reconnects by itself
  return { options: { redis }, close: async () => void redis.disconnect() };
}

/** What a doorbell says may be lost when Postgres crashes, so its commits do not wait for the disk. */
const postgresOptions = (connectionString: string) => ({
  connectionString,
  options: '-c synchronous_commit=off',
});

function makeQueue(backend: Backend): Queue<TrialJob> {
  if ('redis' in backend) return new Queue<TrialJob>(name, { connection: backend.redis } as QueueOptions);
  return new Queue(
    name,
    { connection: postgresOptions(backend.postgres) } as never,
    createPostgresBackend as never,
  );
}

async function listenOn(
  settings: QueueSettings,
  slots: number,
  handler: (job: TrialJob, signal: AbortSignal) => Promise<void>,
): Promise<Listener> {
  const { log = () => {} } = settings;
  const own = connect(settings);
  const closing = new AbortController();
  const process = async (job: Job<TrialJob>, _token?: string, taken?: AbortSignal): Promise<void> => {
    const signal = taken ? AbortSignal.any([taken, closing.signal]) : closing.signal;
    await handler(TrialJob.parse(job.data), signal).catch((error: Error) =>
      log(`job ${job.id}: ${error.message}`),
    );
  };
  const options = { ...patience, concurrency: slots, removeOnComplete: gone, removeOnFail: gone };
  const backend = own.options;
  const worker =
    'redis' in backend
      ? new Worker<TrialJob>(name, process, { ...options, connection: backend.redis } as never)
      : new Worker<TrialJob>(
          name,
          process,
          { ...options, connection: postgresOptions(backend.postgres) } as never,
          createPostgresBackend as never,
        );
  worker.on('error', (error: Error) => log(`listener: ${error.message}`));
  worker.on('lockRenewalFailed', (ids: string[]) =>
    ids.forEach((id) => worker.cancelJob(id, 'the queue gave the job to another worker')),
  );
  await worker.waitUntilReady();
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    closing.abort(new Error('the listener is closing'));
    await worker.close();
    await own.close();
  };
  const take = (jobs: boolean): void => {
    if (jobs) worker.resume();
    else worker.pause(true).catch((error: Error) => log(`listener: ${error.message}`));
  };
  return { take, close: () => (closed ??= close()) };
}

/** BullMQ's own schema. Its migrations take no lock of their own that spans processes. */
async function makeTables(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(7420003)');
    await runMigrations(client as never);
  } finally {
    await client.end();
  }
}
