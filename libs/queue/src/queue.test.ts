import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TrialJob } from '#contracts/queue.js';
// The queue itself knows no database library; its test borrows a server from there.
// oxlint-disable-next-line no-restricted-imports
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.js';
import type { QueueSettings } from './backend.js';
import { openQueue, type TrialQueue } from './queue.js';

const home = mkdtempSync(join(tmpdir(), 'peftgrid-queue-'));
let postgres: EmbeddedPostgres;
let redis: ChildProcess | undefined;
let redisUrl = '';

beforeAll(async () => {
  postgres = await startEmbeddedPostgres(home);
  if (!hasRedis) return;
  const port = await freePort();
  redisUrl = `redis://127.0.0.1:${port}`;
  const options = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--maxmemory-policy',
    'noeviction',
  ];
  redis = spawn('redis-server', options, { cwd: home, stdio: 'ignore' });
}, 60_000);
afterAll(async () => {
  redis?.kill('SIGKILL');
  await postgres.stop();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

const hasRedis = ((): boolean => {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn(
      'redis-server is not on PATH: the queue is tested on Postgres only (apt-get install redis-server)',
    );
    return false;
  }
})();

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const jobOf = (): TrialJob => ({ attempts: [{ id: randomUUID(), fence: 1 }] });

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20); // Jest's own limit ends it
}

describe.each([
  ['Postgres', (): QueueSettings => ({ databaseUrl: postgres.url }), true],
  ['Redis', (): QueueSettings => ({ databaseUrl: postgres.url, redisUrl }), hasRedis],
])('openQueue on %s', (_backend, settings, available) => {
  const test = available ? it : it.skip;
  let queue: TrialQueue;
  beforeEach(async () => void (available && (queue = await openQueue(settings()))), 30_000);
  afterEach(() => (available ? queue.close() : undefined), 30_000);

  test('hands every job to one of two listeners, no more at a time than it has slots, and keeps nothing', async () => {
    const jobs = Array.from({ length: 12 }, jobOf);
    const other = await openQueue(settings());
    const heard: string[] = [];
    let now = 0;
    let most = 0;
    const handler = async (job: TrialJob): Promise<void> => {
      most = Math.max(most, ++now);
      await sleep(20);
      heard.push(job.attempts[0]!.id);
      now--;
      if (heard.length === 3) throw new Error('a handler that throws ends its job only');
    };
    await Promise.all([queue.listen(1, handler), other.listen(2, handler)]);
    await queue.ring(jobs);
    await until(() => heard.length === jobs.length);
    expect(heard.toSorted()).toEqual(jobs.map((j) => j.attempts[0]!.id).toSorted());
    expect(most).toBeLessThanOrEqual(3);
    await other.close();
    expect(await queue.depth()).toBe(0);
  }, 30_000);

  test('does not keep a waiting job twice, and lets one be rung again that is over', async () => {
    const job = jobOf();
    await queue.ring([job]);
    await queue.ring([job]);
    expect(await queue.depth()).toBe(1);
    const rings: number[] = [];
    await queue.listen(1, async () => void rings.push(1));
    await until(() => rings.length === 1);
    while (rings.length < 2) {
      await queue.ring([job]); // ignored until the first is quite over
      await sleep(50);
    }
  }, 30_000);

  test('aborts what runs when its listener closes, and waits for it', async () => {
    const seen: string[] = [];
    const listener = await queue.listen(1, async (_job, signal) => {
      seen.push('started');
      await sleep(60_000, undefined, { signal }).catch(() => seen.push('aborted'));
      await sleep(50);
      seen.push('ended');
    });
    await queue.ring([jobOf()]);
    await until(() => seen.length === 1);
    await listener.close();
    expect(seen).toEqual(['started', 'aborted', 'ended']);
  }, 30_000);
});
