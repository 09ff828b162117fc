/** BullMQ's queue and worker on Redis or on Postgres, as Nest's module for BullMQ makes them: the connection
 *  alone tells which. */
import {
  type ConnectionOptions,
  createPostgresBackend,
  getDefaultBackendFactory,
  type Processor,
  Queue,
  type QueueOptions,
  runMigrations,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import type { TrialJob } from '#contracts/queue.js';

export const queueName = 'trials';

export interface QueueSettings {
  redisUrl?: string | undefined; // undefined: the queue is in Postgres
  databaseUrl: string;
  log?: (line: string) => void;
}

/** BullMQ's own choice for a client of Redis, its Postgres backend for anything else. Its types know one of
 *  them at a time. */
const backendOf = ({ connection }: { connection?: unknown }): never =>
  (connection instanceof Redis ? getDefaultBackendFactory() : createPostgresBackend) as never;

export class TrialsQueue extends Queue<TrialJob> {
  constructor(name: string, options: QueueOptions) {
    super(name, options, backendOf(options));
  }
}

export class TrialsWorker extends Worker<TrialJob> {
  constructor(name: string, processor: string | URL | null | Processor<TrialJob>, options: WorkerOptions) {
    super(name, processor, options, backendOf(options));
  }
}

/** What queue and worker are connected by. */
export class QueueConnection {
  private constructor(
    readonly options: ConnectionOptions,
    readonly log: (line: string) => void,
    private readonly redis: Redis | null,
  ) {}

  static async open({ redisUrl, databaseUrl, log = () => {} }: QueueSettings): Promise<QueueConnection> {
    if (redisUrl) {
      const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
      redis.on('error', (error: Error) => log(`redis: ${error.message}`)); // it reconnects by itself
      return new QueueConnection(redis as never, log, redis);
    }
    await makeTables(databaseUrl);
    return new QueueConnection(postgresOptions(databaseUrl) as never, log, null);
  }

  /** Called by Nest when queue and worker have closed: their module is nearer to the application's. */
  onApplicationShutdown(): void {
    this.redis?.disconnect();
  }
}

/** What a doorbell says may be lost when Postgres crashes, so its commits do not wait for the disk. */
const postgresOptions = (connectionString: string) => ({
  connectionString,
  options: '-c synchronous_commit=off',
});

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
