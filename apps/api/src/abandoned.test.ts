import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import pino from 'pino';
import { type Database, openDatabase } from '#db/database.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.js';
import { takeTurn, type Tx } from '#db/transition.js';
import { until } from '../../../test/support/until.js';
import { serve } from './serve.js';

const home = mkdtempSync(join(tmpdir(), 'peftgrid-abandoned-'));
let postgres: EmbeddedPostgres;
let api: Awaited<ReturnType<typeof serve>>;
let db: Database;
let closed = false;

beforeEach(async () => {
  closed = false;
  postgres = await startEmbeddedPostgres(home);
  const common = { port: 0, host: '127.0.0.1', redisUrl: undefined, token: undefined, home };
  api = await serve({ ...common, databaseUrl: postgres.url }, pino({ level: 'silent' }));
  db = await openDatabase(postgres.url);
}, 60_000);
afterEach(async () => {
  if (!closed) await api?.close();
  await db?.close();
  await postgres?.stop();
}, 60_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

const grid = {
  backbone: { name: 'minilm-l6' },
  task: { name: 'wordnet-supersense' },
  method: { name: 'head' },
};
const submission = JSON.stringify({
  name: 'left',
  grids: [{ name: 'g', ...grid, grid: { seed: [1, 2, 3] } }],
});

function submit(signal?: AbortSignal): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${api.url}/api/experiments`, {
    method: 'POST',
    headers,
    body: submission,
    signal: signal ?? null,
  });
}

async function waiting(): Promise<number> {
  const { rows } = await db.pool.query<{ n: number }>(
    `select count(*)::int n from pg_locks where locktype = 'advisory' and not granted`,
  );
  return rows[0]!.n;
}

/** Nobody else has a turn until the work is done. */
async function takingTurn(work: () => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  await client.query('begin');
  await takeTurn(client as unknown as Tx);
  await work().finally(() => client.end());
}

it('ends the statement of a submission whose client went, and makes nothing', async () => {
  await takingTurn(async () => {
    const client = new AbortController();
    const answer = submit(client.signal).catch((error: Error) => error.name);
    await until('the submission waits for its turn', async () => (await waiting()) === 1);
    client.abort();
    expect(await answer).toBe('AbortError');
    await until('nothing waits any more', async () => (await waiting()) === 0);
  });
  expect(await db.prisma.experiment.count()).toBe(0);
  expect((await submit()).status).toBe(201);
}, 60_000);

it('is closed while a submission waits', async () => {
  await takingTurn(async () => {
    const answer = submit().catch((error: Error) => error.name);
    await until('the submission waits for its turn', async () => (await waiting()) === 1);
    await api.close();
    closed = true;
    expect(await answer).toBe('TypeError'); // the connection was closed
  });
  expect(await db.prisma.experiment.count()).toBe(1); // of the test before
}, 60_000);
