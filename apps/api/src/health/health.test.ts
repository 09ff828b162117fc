import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { type Database, openDatabase } from '#db/database.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.js';
import { drainWorker, registerWorker } from '#db/workers.js';
import { openQueue } from '#queue/queue.js';
import { until } from '../../../../test/support/until.js';
import { serve } from '../serve.js';

const home = mkdtempSync(join(tmpdir(), 'peftgrid-health-'));
const token = 'the token of the users of this test';
let postgres: EmbeddedPostgres;
let api: Awaited<ReturnType<typeof serve>>;
let db: Database;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres(home);
  const common = { port: 0, host: '127.0.0.1', redisUrl: undefined, home };
  api = await serve({ ...common, databaseUrl: postgres.url, token }, pino({ level: 'silent' }));
  db = await openDatabase(postgres.url);
}, 60_000);
afterAll(async () => {
  await api?.close();
  await db?.close();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

interface Health {
  status: string;
  details: Record<string, { status: string; message?: string }>;
}

async function ask(path: string): Promise<{ status: number; health: Health }> {
  const response = await fetch(`${api.url}${path}`);
  return { status: response.status, health: (await response.json()) as Health };
}

const basic = (password: string) => ({
  authorization: `Basic ${Buffer.from(`anybody:${password}`).toString('base64')}`,
});

describe('health', () => {
  it('is live as soon as it answers, to everybody', async () => {
    expect(await ask('/health/live')).toMatchObject({
      status: 200,
      health: { status: 'ok', details: { dispatcher: { status: 'up' } } },
    });
  });

  it('is ready once a process leads and a worker takes work, and says what is missing', async () => {
    await until('a process leads', async () => {
      const { health } = await ask('/health/ready');
      return health.details['leader']!.status === 'up';
    });
    const parts = { database: { status: 'up' }, queue: { status: 'up' }, leader: { status: 'up' } };
    const lacking = { status: 'down', message: expect.stringContaining('none is alive') as string };
    const unready = { status: 503, health: { status: 'error', details: { ...parts, workers: lacking } } };
    expect(await ask('/health/ready')).toMatchObject(unready);
    await registerWorker(db, { id: 'one', slots: 1, device: 'none' });
    expect(await ask('/health/ready')).toMatchObject({ status: 200, health: { status: 'ok' } });
    await drainWorker(db, 'one');
    expect(await ask('/health/ready')).toMatchObject(unready);
  });
});

describe('the board at /admin/queues', () => {
  const page = (headers: Record<string, string> = {}, path = '') =>
    fetch(`${api.url}/admin/queues${path}`, { headers });

  it('asks a browser for the token, and opens to whoever has it', async () => {
    for (const path of ['', '/', '/api/queues', '/static/x.js', '/../queues']) {
      const response = await page({}, path);
      expect([path, response.status]).toEqual([path, 401]);
      expect(response.headers.get('www-authenticate')).toMatch(/^Basic /);
    }
    expect((await page(basic('another token of this test'))).status).toBe(401);
    expect((await page({ authorization: `Bearer ${token}` })).status).toBe(200);
    const opened = await page(basic(token));
    expect(opened.status).toBe(200);
    expect(opened.headers.get('content-security-policy')).toMatch(/base-uri 'self'.*frame-ancestors 'none'/);
    expect(await opened.text()).toContain('<base href="/admin/queues/"');
  });

  it('shows what waits in the queue, and changes nothing', async () => {
    const queue = await openQueue({ databaseUrl: postgres.url });
    await queue.ring([{ attempts: [{ id: '00000000-0000-4000-8000-000000000001', fence: 1 }] }]);
    const shown = (await (await page(basic(token), '/api/queues')).json()) as {
      queues: { name: string; counts: { waiting: number }; readOnlyMode: boolean }[];
    };
    expect(shown.queues).toMatchObject([{ name: 'trials', counts: { waiting: 1 }, readOnlyMode: true }]);
    const clean = await fetch(`${api.url}/admin/queues/api/queues/trials/empty`, {
      method: 'PUT',
      headers: basic(token),
    });
    expect(clean.status).toBe(405);
    expect(await queue.depth()).toBe(1);
    await queue.close();
  });
});
