import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { PeftgridClient } from '#contracts/client.js';
import type { ExperimentEvent } from '#contracts/experiment.js';
import { type Database, openDatabase } from '#db/database.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.js';
import { type NewEvent, tell } from '#db/outbox.js';
import { transition } from '#db/transition.js';
import { until } from '../../../test/support/until.js';
import { mostStreams } from './event-streams.js';
import { batchText } from './event-frames.js';
import { serve } from './serve.js';

const grid = {
  backbone: { name: 'minilm-l6' },
  task: { name: 'wordnet-supersense' },
  method: { name: 'head' },
  seed: 8,
};
const home = mkdtempSync(join(tmpdir(), 'peftgrid-events-'));
let postgres: EmbeddedPostgres;
let api: Awaited<ReturnType<typeof serve>>;
let db: Database;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres(home);
  const common = {
    port: 0,
    host: '127.0.0.1',
    databaseUrl: postgres.url,
    redisUrl: undefined,
    home,
  };
  api = await serve({ ...common, token: undefined }, pino({ level: 'silent' }));
  db = await openDatabase(postgres.url);
}, 60_000);
afterAll(async () => {
  await api?.close();
  await db?.close();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

/** A TCP proxy to the API that can cut every connection. */
async function proxy(): Promise<{ url: string; cut(): void; close(): void }> {
  const target = Number(new URL(api.url).port);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => [near, far].forEach((s) => s.destroy()));
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => sockets.forEach((s) => s.destroy());
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, cut, close: () => (cut(), server.close()) };
}

it('streams every event once and in order while connections break and events are written', async () => {
  const grid = {
    backbone: { name: 'minilm-l6' },
    task: { name: 'wordnet-supersense' },
    method: { name: 'head' },
  };
  const { id } = await new PeftgridClient(api.url).submit({
    name: 'watched',
    grids: [{ name: 'g', ...grid }],
  });
  const [cell] = await new PeftgridClient(api.url).cells(id);
  const { trialId } = cell!;
  const line = await proxy();
  const stop = new AbortController();
  const steps = 600;
  const written = (async () => {
    for (let step = 0; step < steps; step += 2) {
      const metrics = [step, step + 1].map((s) => ({
        name: 'loss',
        split: 'train' as const,
        step: s,
        value: 1 / (s + 1),
      }));
      const news = { experimentId: null, trialId, payload: { type: 'metrics' as const, trialId, metrics } };
      await transition(db, async (tx) => tell(tx, [news]));
      if (step % 150 === 0) await sleep(150);
      if (step % 100 === 50) line.cut();
    }
    await transition(db, async (tx) =>
      tell(tx, [{ experimentId: id, trialId: null, payload: { type: 'experiment', state: 'finished' } }]),
    );
  })();
  const seen: number[] = [];
  const ids: number[] = [];
  for await (const event of new PeftgridClient(line.url).events(id, { after: 0, signal: stop.signal })) {
    ids.push(event.id);
    if (event.type === 'metrics') seen.push(...event.metrics.map((m) => m.step));
    if (event.type === 'experiment' && event.state === 'finished') break;
  }
  await written;
  line.close();
  expect(seen).toEqual(Array.from({ length: steps }, (_, i) => i));
  expect(new Set(ids).size).toBe(ids.length);
}, 60_000);

it('starts from now on without a cursor, and takes Last-Event-ID before ?after', async () => {
  const client = new PeftgridClient(api.url);
  const grid = {
    backbone: { name: 'minilm-l6' },
    task: { name: 'wordnet-supersense' },
    method: { name: 'head' },
    seed: 7,
  };
  const { id } = await client.submit({ name: 'later', grids: [{ name: 'g', ...grid }] });
  const url = `${api.url}/api/experiments/${id}/events`;
  const first = async (address: string, headers: Record<string, string>): Promise<string> => {
    const stop = new AbortController();
    const response = await fetch(address, { headers, signal: stop.signal });
    const { value } = await response.body!.getReader().read();
    stop.abort();
    return new TextDecoder().decode(value);
  };
  const newest = /id: (\d+)/.exec(await first(url, {}))![1]!;
  expect(Number(newest)).toBeGreaterThan(0);
  expect(await first(`${url}?after=${newest}`, { 'last-event-id': '0' })).toMatch(/^event: cursor\nid: 0\n/);
  expect((await fetch(`${url}?after=soon`)).status).toBe(400);
});

it('tells a live view the newest state alone, and metrics of those trials that it asks for', async () => {
  const client = new PeftgridClient(api.url);
  const { seed: _seed, ...base } = grid;
  const two = { name: 'g', ...base, grid: { seed: [91, 92] } };
  const { id } = await client.submit({ name: 'live', grids: [two] });
  const [mine, other] = (await client.cells(id)).map((cell) => cell.trialId) as [string, string];
  const { at } = await client.cellsPage(id, {});
  const ended = {
    experimentId: id,
    trialId: null,
    payload: { type: 'experiment', state: 'finished' } as const,
  };
  await transition(db, async (tx) => {
    const news = [mine, other].flatMap((trialId) =>
      [1, 2, 3].flatMap((step): NewEvent[] => {
        const metrics = [{ name: 'loss', split: 'train' as const, step, value: 1 }];
        return [
          {
            experimentId: null,
            trialId,
            payload: { type: 'trial', trialId, state: 'running', step, why: '' },
          },
          { experimentId: null, trialId, payload: { type: 'metrics', trialId, metrics } },
        ];
      }),
    );
    tell(tx, [...news, ended]);
  });
  const seen: string[] = [];
  for await (const event of client.events(id, { after: at, view: 'live', metrics: [mine] })) {
    if (event.type === 'experiment') break;
    const name = event.trialId === mine ? 'mine' : 'other';
    if (event.type === 'trial') seen.push(`${name} is at ${event.step}`);
    else seen.push(`${name} has ${event.metrics.map(({ step }) => step).join(', ')}`);
  }
  expect(seen.toSorted()).toEqual(['mine has 1, 2, 3', 'mine is at 3', 'other is at 3']);
});

it.each([
  ['view=newest', 'view', 'expected each or live'],
  ['metrics=00000000-0000-4000-8000-000000000001', 'metrics', 'expected view=live'],
])('refuses a stream of ?%s', async (query, path, expected) => {
  const { id } = await new PeftgridClient(api.url).submit({ name: 'bad', grids: [{ name: 'g', ...grid }] });
  const response = await fetch(`${api.url}/api/experiments/${id}/events?${query}`);
  const { issues } = (await response.json()) as { issues: { path: string; message: string }[] };
  expect([response.status, issues[0]!.path, issues[0]!.message]).toEqual([
    400,
    path,
    expect.stringContaining(expected),
  ]);
});

it('lets an address have so many streams, and says so of the next', async () => {
  const { id } = await new PeftgridClient(api.url).submit({ name: 'many', grids: [{ name: 'g', ...grid }] });
  const stop = new AbortController();
  const open = () => fetch(`${api.url}/api/experiments/${id}/events`, { signal: stop.signal });
  const answers = await Promise.all(Array.from({ length: mostStreams + 20 }, open));
  expect(answers.filter((a) => a.status === 200)).toHaveLength(mostStreams);
  expect(answers.find((a) => a.status !== 200)).toMatchObject({ status: 429 });
  const next = await open();
  expect([next.status, next.headers.get('retry-after')]).toEqual([429, '10']);
  stop.abort();
}, 60_000);

it('counts no stream of a client that went before it was opened', async () => {
  const { id } = await new PeftgridClient(api.url).submit({ name: 'gone', grids: [{ name: 'g', ...grid }] });
  const port = Number(new URL(api.url).port);
  for (let i = 0; i < mostStreams + 20; i++) {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`GET /api/experiments/${id}/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`, () =>
      socket.destroy(),
    );
  }
  await until('all that went are forgotten', async () => {
    const stop = new AbortController();
    const { status } = await fetch(`${api.url}/api/experiments/${id}/events`, { signal: stop.signal });
    stop.abort();
    return status === 200;
  });
}, 60_000);

it('puts a trial’s metrics of a batch into one frame, and the cursor on the last frame only', () => {
  const trialId = '00000000-0000-4000-8000-000000000001';
  const metric = (step: number) => ({ name: 'loss', split: 'train' as const, step, value: 1 });
  const events: ExperimentEvent[] = [
    { id: 1, type: 'metrics', trialId, metrics: [metric(1)] },
    { id: 2, type: 'experiment', state: 'active' },
    { id: 3, type: 'metrics', trialId, metrics: [metric(2)] },
  ];
  const frames = batchText(events).trimEnd().split('\n\n');
  expect(frames).toHaveLength(2);
  expect(frames.map((f) => /^id: (\d+)/.exec(f)?.[1])).toEqual([undefined, '3']);
  expect(JSON.parse(frames[0]!.replace('data: ', ''))).toMatchObject({
    id: 3,
    metrics: [{ step: 1 }, { step: 2 }],
  });
});
