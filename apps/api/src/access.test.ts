import { Agent, METHODS, request as httpRequest } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Express, IRoute } from 'express';
import pino from 'pino';
import { openStore } from '#artifacts/store.js';
import { type Database, openDatabase } from '#db/database.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.js';
import { migrate } from '#db/migrate.js';
import { tokenOf } from './access/tokens.js';
import { createApp } from './create-app.js';
import { EventStreams } from './event-streams.js';
import { FileHashes } from '#inputs/file-hashes.js';
import { Roots } from './inputs/roots.js';
import { ReadingThreads } from './reading/reading-threads.js';
import { Tables } from './tables/tables.js';
import { spellings } from './fixtures/spellings.js';

const home = mkdtempSync(join(tmpdir(), 'peftgrid-access-'));
const secret = 'the right token of this test';
const wrong = 'the wrong token of this test';
const publicPaths = ['/', '/api/health', '/health/live', '/health/ready']; // all that answers without a token
const lines: Record<string, unknown>[] = [];
const log = pino(
  { level: 'debug' },
  { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
);
const agent = new Agent({ keepAlive: true, maxSockets: 20 });
let postgres: EmbeddedPostgres;
let db: Database;
let streams: EventStreams;
let guarded: NestExpressApplication;
let open: NestExpressApplication;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres(home);
  await migrate(postgres.url);
  db = await openDatabase(postgres.url);
  streams = new EventStreams(db, log);
  const inputs = { roots: await Roots.open([]), hashes: FileHashes.of(home), mostBytes: 1e6 };
  const services = {
    db,
    streams,
    reading: new ReadingThreads(),
    tables: new Tables(postgres.url),
    store: await openStore(join(home, 'artifacts')),
    ...inputs,
  };
  guarded = await createApp(services, { tokens: [tokenOf('token', secret)], log });
  open = await createApp(services, { tokens: [], log });
  for (const app of [guarded, open]) await app.listen(0, '127.0.0.1');
}, 60_000);
afterAll(async () => {
  agent.destroy();
  await Promise.all([guarded?.close(), open?.close()]);
  await streams?.stop();
  await db?.close();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

const portOf = (app: NestExpressApplication) => (app.getHttpServer().address() as AddressInfo).port;

interface Answer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  text: string;
}

/** A request with its path as it stands: no client tidies it up. */
function ask(
  app: NestExpressApplication,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = '',
) {
  return new Promise<Answer>((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: portOf(app), agent, method, path, headers },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (more: string) => (text += more));
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
        response.on('error', reject);
      },
    );
    request.on('error', reject).end(body || undefined);
  });
}

/** Every route that the router knows, with an id that nothing has. */
function routes(): { method: string; path: string }[] {
  const { stack } = (guarded.getHttpAdapter().getInstance() as Express).router;
  const id = '00000000-0000-4000-8000-000000000000';
  return stack.flatMap(({ route }) => {
    if (!route) return [];
    const path = route.path.replace('*path', 'a/b').replaceAll(/:\w+/g, id);
    return Object.keys((route as IRoute & { methods: Record<string, boolean> }).methods).map((method) => ({
      method: method.toUpperCase(),
      path,
    }));
  });
}

async function inParallel<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const one = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await act(item);
  };
  await Promise.all(Array.from({ length: 20 }, one));
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const usual = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'];
const all = METHODS.filter((m) => m !== 'CONNECT');

/** Every spelling of every route with the usual methods, and the plain ones with all that HTTP knows. Of a
 *  turn after the first each spelling has one method, another one each turn: every header meets every
 *  spelling, and every spelling every method. */
function forms(turn: number): { what: string; method: string; path: string }[] {
  const paths = [
    ...new Set([
      ...routes().map((r) => r.path),
      '/',
      '/index.html',
      '/metrics',
      '/api',
      '/api/docs/swagger-ui.css',
    ]),
  ];
  return paths.flatMap((plain) =>
    Object.entries(spellings(plain)).flatMap(([what, path], i) =>
      methodsOf(what, turn === 0 ? null : i + turn).map((method) => ({
        what: `${method} ${path} (${what})`,
        method,
        path,
      })),
    ),
  );
}

const methodsOf = (spelling: string, place: number | null): string[] => {
  if (spelling === 'plain') return all;
  return place === null ? usual : [usual[place % usual.length]!];
};

/** Whether everybody may see the path. A file of the dashboard may be named in any way that leads to it. */
function isPublic(path: string): boolean {
  if (path.includes('\\')) return false;
  const { pathname } = new URL(path.replace(/^\/\/+/, '/'), 'http://x');
  return (
    publicPaths.includes(pathname) ||
    pathname.replace(/\/$/, '').split('/').map(decodeURIComponent).join('/') === '/index.html'
  );
}

it('knows the routes of the description, and more', async () => {
  const { text } = await ask(guarded, 'GET', '/api/docs-json', bearer(secret));
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, unknown>> };
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((m) => `${m} ${path}`),
  );
  expect(routes().length).toBeGreaterThan(described.length);
  expect(described.length).toBeGreaterThan(10);
});

it.each([
  ['no token', {}, 0],
  ['a wrong token', bearer(wrong), 1],
  ['the token under another scheme', { authorization: `Basic ${secret}` }, 2],
] as const)(
  'with %s no spelling of any route answers, whatever the method',
  async (_what, headers, turn) => {
    const answered: string[] = [];
    let asked = 0;
    await inParallel(forms(turn), async ({ what, method, path }) => {
      const { status, text } = await ask(guarded, method, path, headers);
      asked++;
      const refused = [400, 401, 403, 404, 405, 429].includes(status);
      if (!refused && !isPublic(path)) answered.push(`${status} ${what} ${text.slice(0, 60)}`);
    });
    expect(asked).toBeGreaterThan(1000);
    expect(answered).toEqual([]);
  },
  120_000,
);

it('asks for the token on every route as it is written', async () => {
  for (const { method, path } of routes()) {
    const { status, headers } = await ask(guarded, method, path);
    // nothing dispatches in this application, and no worker is there
    const open = path === '/health/ready' ? 503 : 200;
    expect({ method, path, status }).toEqual({
      method,
      path,
      status: publicPaths.includes(path) ? open : 401,
    });
    if (status === 401) expect(headers['www-authenticate']).toBe('Bearer');
  }
});

it('lets the right token in on every route', async () => {
  for (const { method, path } of routes()) {
    if (path === '/api/join') continue; // the secret of a link opens it, and nothing else
    const { status } = await ask(guarded, method, path, bearer(secret));
    if (path === '/health/ready') continue; // 503: no worker is there
    expect({ method, path, let: ![401, 403, 405, 429].includes(status) && status < 500 }).toEqual({
      method,
      path,
      let: true,
    });
  }
});

it.each([
  ['a name that is not this machine’s', { host: 'evil.example' }, 0],
  ['a name that only begins like it', { host: 'localhost.evil.example' }, 1],
  ['a page of another site', { origin: 'https://evil.example' }, 0],
  ['a page of another port of this machine', { origin: 'http://localhost:1' }, 1],
  ['a page without an origin', { origin: 'null' }, 2],
] as const)(
  'without a token set, %s is refused on every spelling',
  async (_what, headers, turn) => {
    const answered: string[] = [];
    await inParallel(forms(turn), async ({ what, method, path }) => {
      const { status } = await ask(open, method, path, headers);
      if (![400, 403].includes(status)) answered.push(`${status} ${what}`);
    });
    expect(answered).toEqual([]);
  },
  120_000,
);

it('answers its own pages, by the name that they came from', async () => {
  const port = portOf(open);
  const to = (host: string, origin: string) => ask(open, 'GET', '/api/experiments', { host, origin });
  expect((await to(`127.0.0.1:${port}`, `http://127.0.0.1:${port}`)).status).toBe(200);
  expect((await to(`localhost:${port}`, `http://localhost:${port}`)).status).toBe(200);
  expect((await to(`localhost:${port}`, `http://127.0.0.1:${port}`)).status).toBe(403);
  const proxied = { ...bearer(secret), host: 'grid.example', origin: 'https://grid.example' };
  expect((await ask(guarded, 'GET', '/api/experiments', proxied)).status).toBe(200);
  expect(
    (await ask(guarded, 'GET', '/api/experiments', { ...proxied, origin: 'https://evil.example' })).status,
  ).toBe(403);
});

it('limits wrong tokens by address, logs them without their text, and still lets the right one in', async () => {
  lines.length = 0;
  for (let i = 0; i < 60; i++) await ask(guarded, 'GET', '/api/experiments', bearer(`${wrong} ${i}`));
  const { status, headers, text } = await ask(guarded, 'GET', '/api/experiments', bearer(wrong));
  expect(status).toBe(429);
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  expect(JSON.parse(text)).toMatchObject({
    title: expect.stringMatching(/^too many wrong tokens came from 127.0.0.1/) as string,
  });
  expect((await ask(guarded, 'GET', '/api/experiments', bearer(secret))).status).toBe(200);
  expect((await ask(guarded, 'GET', '/api/experiments')).status).toBe(401);
  expect(JSON.stringify(lines)).not.toContain('token of this test');
});

it('logs who changed what, by its route', async () => {
  lines.length = 0;
  const id = '00000000-0000-4000-8000-000000000000';
  await ask(guarded, 'POST', `/api/experiments/${id}/cancel`, bearer(secret));
  await ask(open, 'POST', `/api/trials/${id}/retry`);
  const changes = lines.filter((line) => line['level'] === 30);
  expect(changes).toMatchObject([
    {
      who: 'token',
      address: '127.0.0.1',
      method: 'POST',
      route: '/api/experiments/:id/cancel',
      id,
      status: 404,
    },
    { who: 'local', address: '127.0.0.1', method: 'POST', route: '/api/trials/:id/retry', id, status: 404 },
  ]);
});

it('answers 404 to what is no page, and lets nobody frame what is one', async () => {
  for (const path of [
    '/metrics',
    '/healthz',
    '/readyz',
    '/experiments/1',
    '/nothing.js',
    '/api',
    '/api/nothing',
  ])
    expect([path, (await ask(open, 'GET', path)).status]).toEqual([path, 404]);
  for (const path of ['/', '/api/docs', '/metrics']) {
    const { headers } = await ask(open, 'GET', path);
    expect(headers['content-security-policy']).toMatch(/frame-ancestors 'none'/);
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'x-content-type-options': 'nosniff' });
  }
});

it('reads no body of somebody without the token', async () => {
  const body = '['.repeat(4_000_000);
  const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
  expect((await ask(guarded, 'POST', '/api/experiments', headers, body)).status).toBe(401);
});
