import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PeftgridClient } from '#contracts/client.js';
import { type Database, openDatabase } from '#db/database.js';
import { startEmbeddedPostgres } from '#db/embedded.js';
import { migrate } from '#db/migrate.js';
import type { TrialJob } from '#contracts/queue.js';
import { openQueue } from '#queue/queue.js';
import { livingWith, Program } from './processes.js';
import { until } from './until.js';

export type Backend = 'postgres' | 'redis';

/** What the queue can run on here: Redis too where its server is installed. */
export const backends: Backend[] =
  spawnSync('redis-server', ['--version']).status === 0 ? ['postgres', 'redis'] : ['postgres'];

const apps = resolve(__dirname, '..', '..', 'dist', 'apps');
// grids name fixtures, and copies of them
export const fixtureRoots = [tmpdir(), resolve(__dirname, '..', '..')].join(':');
const usersHome = process.env['PEFTGRID_HOME'] ?? join(homedir(), '.peftgrid');

/** A peftgrid of its own in a folder of its own: real Postgres, real Redis, the API and workers as processes.
 */
export class Stack {
  api!: Program;
  readonly workers: Program[] = [];
  private redis: ChildProcess | null = null;

  private constructor(
    readonly home: string,
    readonly client: PeftgridClient,
    readonly db: Database,
    private readonly ports: { api: number; redis: number },
    private readonly how: { backend: Backend; roots: string; apiEnv: Record<string, string> },
    private readonly stopPostgres: () => Promise<void>,
  ) {}

  /** `apiEnv`: what the API alone has in its environment. */
  static async start(
    backend: Backend = 'postgres',
    roots = fixtureRoots,
    apiEnv: Record<string, string> = {},
  ): Promise<Stack> {
    const home = mkdtempSync(join(tmpdir(), 'peftgrid-test-'));
    linkEngine(home);
    const postgres = await startEmbeddedPostgres(home);
    await migrate(postgres.url);
    const ports = { api: await freePort(), redis: await freePort() };
    const client = new PeftgridClient(`http://127.0.0.1:${ports.api}`);
    const stack = new Stack(
      home,
      client,
      await openDatabase(postgres.url),
      ports,
      { backend, roots, apiEnv },
      () => postgres.stop(),
    );
    if (backend === 'redis') await stack.startRedis();
    await stack.startApi();
    return stack;
  }

  get url(): string {
    return `http://127.0.0.1:${this.ports.api}/`;
  }

  async startApi(): Promise<void> {
    const env = { ...this.env, ...this.how.apiEnv, PORT: String(this.ports.api), HOST: '127.0.0.1' };
    this.api = await Program.start('api', join(apps, 'api', 'src', 'main.js'), env, 'peftgrid api listening');
  }

  async startWorker(env: Record<string, string> = {}): Promise<Program> {
    const file = join(apps, 'worker', 'src', 'main.js');
    const worker = await Program.start(
      'worker',
      file,
      { ...this.env, PEFTGRID_THREADS: '1', ...env },
      'peftgrid worker ready',
    );
    this.workers.push(worker);
    return worker;
  }

  /** Redis without persistence: what is killed comes back empty. */
  async startRedis(): Promise<void> {
    const options = [
      '--save',
      '',
      '--appendonly',
      'no',
      '--bind',
      '127.0.0.1',
      '--maxmemory-policy',
      'noeviction',
    ];
    this.redis = spawn('redis-server', ['--port', String(this.ports.redis), ...options], { stdio: 'ignore' });
    await until('redis answers', async () =>
      execFileSync('redis-cli', ['-p', String(this.ports.redis), 'ping'], { stdio: 'pipe' })
        .toString()
        .includes('PONG'),
    );
  }

  /** Rings from outside, as a dispatcher that forgot what it had rung. */
  async ring(...jobs: TrialJob[]): Promise<void> {
    const queue = await openQueue({ databaseUrl: this.db.url, redisUrl: this.env['REDIS_URL'] || undefined });
    for (const job of jobs) await queue.ring([job]);
    await queue.close();
  }

  /** The queue forgets everything: Redis restarts empty, or the tables of the queue in Postgres are emptied.
   */
  async emptyQueue(): Promise<void> {
    if (this.redis) {
      this.redis.kill('SIGKILL');
      await once(this.redis, 'exit');
      return this.startRedis();
    }
    const { rows } = await this.db.pool.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) name from pg_tables where schemaname = 'bullmq' and tablename ~ 'job'`,
    );
    await this.db.pool.query(`truncate ${rows.map((r) => r.name).join(', ')} cascade`);
  }

  /** Takes everything down. Returns the ids of processes that stayed behind, and the scratch folders. */
  async stop(): Promise<{ processes: number[]; scratch: boolean }> {
    for (const worker of this.workers) {
      worker.signal('SIGCONT');
      await worker.end();
    }
    await this.api.end();
    await this.db.close();
    if (this.redis) {
      this.redis.kill('SIGKILL');
      await once(this.redis, 'exit');
    }
    const left = livingWith(`PEFTGRID_HOME=${this.home}`);
    await this.stopPostgres();
    const scratch = existsSync(join(this.home, 'scratch'));
    rmSync(this.home, { recursive: true, force: true });
    return { processes: left, scratch };
  }

  private get env(): Record<string, string> {
    const redis =
      this.how.backend === 'redis'
        ? { REDIS_URL: `redis://127.0.0.1:${this.ports.redis}` }
        : { REDIS_URL: '' };
    const alone = { PEFTGRID_GANG: '1' }; // numbers are held to each other bit by bit
    return {
      DATABASE_URL: this.db.url,
      PEFTGRID_HOME: this.home,
      PEFTGRID_ROOTS: this.how.roots,
      ...alone,
      ...redis,
    };
  }
}

/** Lends a home what was fetched for the user's: the engine, backbones and compiled steps. */
export function linkEngine(home: string): void {
  for (const name of ['engine', 'backbones', 'xla-cache']) {
    mkdirSync(join(usersHome, name), { recursive: true });
    symlinkSync(join(usersHome, name), join(home, name));
  }
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}
