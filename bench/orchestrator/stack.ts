import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { PeftgridClient } from '#contracts/client.js';
import { type Database, openDatabase } from '#db/database.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.js';
import type { FakeReport, FakeWork } from './messages.js';

export type QueueKind = 'postgres' | 'redis';

const api = resolve(__dirname, '..', '..', 'apps', 'api', 'src', 'main.js');

/** A process of fake workers that has said that it is ready. */
export class FakeWorkers {
  constructor(private readonly child: ChildProcess) {}

  async report(): Promise<FakeReport> {
    const answer = once(this.child, 'message') as Promise<[FakeReport]>;
    this.child.send('report');
    return (await answer)[0];
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }
}

/** An orchestrator of its own in a folder of its own: Postgres, Redis, the API and fake workers, each a
 *  process. */
export class Stack {
  client!: PeftgridClient; // both of the API that serves
  db!: Database;
  private api: ChildProcess | null = null;
  private redis: { child: ChildProcess; url: string } | null = null;
  private queue: QueueKind = 'postgres';
  private readonly fakes: FakeWorkers[] = [];
  private named = 0;

  private constructor(
    readonly home: string,
    private postgres: EmbeddedPostgres,
  ) {}

  static async start(): Promise<Stack> {
    const home = mkdtempSync(join(tmpdir(), 'peftgrid-bench-'));
    return new Stack(home, await startEmbeddedPostgres(home));
  }

  /** The address of one of the server's databases. */
  databaseUrl(name: string): string {
    const url = new URL(this.postgres.url);
    url.pathname = `/${name}`;
    return url.href;
  }

  async createDatabase(name: string): Promise<void> {
    const db = await openDatabase(this.postgres.url);
    await db.pool.query(`create database ${name}`);
    await db.close();
  }

  /** An API on that database, in the place of the one before. */
  async serve(database: string, queue: QueueKind): Promise<void> {
    await this.endApi();
    if (queue === 'redis' && !this.redis) this.redis = await startRedis();
    this.queue = queue;
    const url = this.databaseUrl(database);
    const env = {
      ...process.env,
      DATABASE_URL: url,
      REDIS_URL: this.redisUrl ?? '',
      PORT: '0',
      PEFTGRID_HOME: this.home,
      PEFTGRID_TOKEN: '',
    };
    const child = spawn(process.execPath, [api], { env, stdio: ['ignore', 'pipe', 'ignore', 'ipc'] });
    this.api = child;
    const address = await new Promise<string>((done, fail) => {
      child.once('exit', () => fail(new Error('the API did not start')));
      child.stdout!.setEncoding('utf8').on('data', (said: string) => {
        const found = /listening on (\S+)/.exec(said)?.[1];
        if (found) done(found);
      });
    });
    this.client = new PeftgridClient(address);
    this.db = await openDatabase(url);
  }

  async fakeWorkers(work: Partial<FakeWork> & Pick<FakeWork, 'workers' | 'slots'>): Promise<FakeWorkers> {
    const whole: FakeWork = {
      name: `fake-${++this.named}`,
      databaseUrl: this.db.url,
      redisUrl: this.redisUrl,
      trialMs: 0,
      reportMs: null,
      points: 0,
      progress: false,
      ...work,
    };
    const child = fork(join(__dirname, 'fake-worker.js'), [JSON.stringify(whole)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error('a process of fake workers did not start'))),
    ]);
    const fake = new FakeWorkers(child);
    this.fakes.push(fake);
    return fake;
  }

  /** Kills Postgres and starts it again at the same address. */
  async restartPostgres(): Promise<void> {
    const { url } = this.postgres;
    await this.postgres.stop();
    this.postgres = await startEmbeddedPostgres(this.home, { url });
  }

  /** Everything but Postgres ends. */
  async rest(): Promise<void> {
    await Promise.all(this.fakes.map((fake) => fake.end()));
    await this.endApi();
    this.redis?.child.kill('SIGKILL');
    this.redis = null;
  }

  async stop(): Promise<void> {
    await this.rest();
    await this.postgres.stop();
    rmSync(this.home, { recursive: true, force: true });
  }

  private get redisUrl(): string | null {
    return this.queue === 'redis' ? this.redis!.url : null;
  }

  private async endApi(): Promise<void> {
    if (!this.api) return;
    await this.db.close();
    const ended = once(this.api, 'exit');
    this.api.kill('SIGTERM');
    await ended;
    this.api = null;
  }
}

/** With what it should keep: each write before its answer is too slow to be usual, each second is. */
async function startRedis(): Promise<{ child: ChildProcess; url: string }> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'peftgrid-redis-'));
  const options = [
    '--save',
    '',
    '--appendonly',
    'yes',
    '--appendfsync',
    'everysec',
    '--bind',
    '127.0.0.1',
    '--maxmemory-policy',
    'noeviction',
    '--dir',
    folder,
  ];
  const child = spawn('redis-server', ['--port', String(port), ...options], { stdio: 'ignore' });
  child.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const failed = once(child, 'error').then(([error]) => Promise.reject(error as Error));
  failed.catch(() => {});
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => {});
  await Promise.race([
    client.ping(),
    failed,
    sleep(10_000).then(() => Promise.reject(new Error('Redis does not answer'))),
  ]);
  client.disconnect();
  return { child, url };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
