import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { openStore, putFolder } from '#artifacts/store.js';
import { ApiError, PeftgridClient } from '#contracts/client.js';
import { type Database, openDatabase } from '#db/database.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.js';
import { sentInputs } from './fixtures/sent-inputs.js';
import { serve } from './serve.js';

const home = mkdtempSync(join(tmpdir(), 'peftgrid-api-'));
const log = pino({ level: 'silent' });
let postgres: EmbeddedPostgres;
let api: Awaited<ReturnType<typeof serve>>;
let db: Database;
let client: PeftgridClient;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres(home);
  const common = {
    port: 0,
    host: '127.0.0.1',
    databaseUrl: postgres.url,
    redisUrl: undefined,
    home,
  };
  api = await serve({ ...common, token: undefined }, log);
  db = await openDatabase(postgres.url);
  client = new PeftgridClient(api.url);
}, 60_000);
afterAll(async () => {
  await api?.close();
  await db?.close();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

const base = {
  backbone: { name: 'minilm-l6' },
  task: { name: 'wordnet-supersense', train: 1000 },
  method: { name: 'prompt-tuning' },
};
const grid = { name: 'lengths', ...base, grid: { 'method.length': [1, 5], seed: [1, 2] } };
const experiment = { name: 'first', grids: [grid] };

async function tables(): Promise<Record<string, number>> {
  const names = ['Experiment', 'Cell', 'Trial', 'Dependency', 'ExperimentTrial', 'Event'];
  const counts = names.map((t) => `(select count(*)::int from "${t}") "${t}"`);
  return (await db.pool.query<Record<string, number>>(`select ${counts.join()}`)).rows[0]!;
}

async function refusal(request: Promise<unknown>): Promise<ApiError> {
  const error = await request.then(
    () => null,
    (e: unknown) => e,
  );
  if (error instanceof ApiError) return error;
  throw new Error(`expected an ApiError, got ${String(error)}`);
}

describe('experiments', () => {
  it('are planned without a trace, submitted, listed and shown cell by cell', async () => {
    expect(await client.plan(experiment)).toMatchObject({ cells: 4, trials: 4, reused: 0 });
    expect((await tables())['Trial']).toBe(0);
    const view = await client.submit(experiment);
    expect(view).toMatchObject({ name: 'first', state: 'active', cells: 4 });
    expect((await client.experiments()).map((e) => e.id)).toEqual([view.id]);
    const cells = await client.cells(view.id);
    expect(cells.map((c) => c.point)).toEqual([
      { 'method.length': 1, seed: 1 },
      { 'method.length': 1, seed: 2 },
      { 'method.length': 5, seed: 1 },
      { 'method.length': 5, seed: 2 },
    ]);
    expect(await client.trial(cells[0]!.trialId)).toMatchObject({
      state: 'ready',
      config: { method: { length: 1 } },
    });
    expect(await client.curve(cells[0]!.trialId)).toEqual({ trialId: cells[0]!.trialId, metrics: [] });
    expect(await client.plan(experiment)).toMatchObject({ trials: 4, reused: 4 });
  });

  it('leave the API answering while many cells are planned', async () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
    const large = {
      name: 'large',
      ...base,
      grid: { 'method.length': many(20), 'training.steps': many(10), seed: many(50) },
    };
    const answers: string[] = [];
    const plan = client
      .plan({ name: 'large', grids: [large] })
      .then((view) => answers.push(`plan of ${view.cells}`));
    for (let i = 0; i < 3; i++) await fetch(`${api.url}/api/health`).then(() => answers.push('health'));
    await plan;
    expect(answers).toEqual(['health', 'health', 'health', 'plan of 10000']);
  }, 30_000);

  it('come as the text of a grid file too', async () => {
    const text =
      'name: from-yaml\nbackbone: { name: minilm-l6 }\ntask: { name: wordnet-supersense }\nmethod: { name: head }\n';
    expect(await client.submit(text)).toMatchObject({ name: 'from-yaml', cells: 1 });
  });

  it('are made once for an idempotency key: 201, then 200 with the same', async () => {
    const body = JSON.stringify({ ...experiment, idempotencyKey: 'once' });
    const post = () =>
      fetch(`${api.url}/api/experiments`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
    const answers = await Promise.all([post(), post(), post()]);
    expect(answers.map((a) => a.status).toSorted()).toEqual([200, 200, 201]);
    const ids = await Promise.all(answers.map(async (a) => ((await a.json()) as { id: string }).id));
    expect(new Set(ids).size).toBe(1);
    const other = await refusal(client.submit({ ...experiment, name: 'another', idempotencyKey: 'once' }));
    expect(other).toMatchObject({ status: 409, issues: [{ path: 'idempotencyKey' }] });
    expect(other.message).toContain(`"once" belongs to another request, which made experiment ${ids[0]}`);
  });

  it('are paused, resumed and cancelled, and say what stands in the way', async () => {
    const { id } = await client.submit({ ...experiment, name: 'stopped' });
    expect((await client.pause(id)).state).toBe('paused');
    expect((await client.resume(id)).state).toBe('active');
    expect((await client.cancel(id)).state).toBe('cancelled');
    expect((await client.cancel(id)).state).toBe('cancelled');
    expect(await refusal(client.pause(id))).toMatchObject({
      status: 409,
      message: 'the experiment is cancelled, and cannot become paused',
    });
  });
});

describe('data files', () => {
  const file = (name: string, text: string): string => {
    const path = join(home, name);
    writeFileSync(path, text);
    return path;
  };
  const rows = (n: number) =>
    Array.from({ length: n }, (_, i) => `text ${i},${i % 2 ? 'good' : 'bad'}`).join('\n');
  const good = () => file('good.csv', `text,mood\n${rows(60)}`);
  const on = (path: string, more: object = { label: 'mood' }, backbone = grid.backbone) => ({
    name: 'data',
    grids: [{ ...grid, backbone, task: { name: 'file', path, input: '{text}', ...more } }],
  });
  const open = () => file('open.csv', `text,mood\n${rows(60).replaceAll('text', 'a [MASK] in')}`);
  const cloze = { kind: 'cloze', word: 'mood' };

  it.each([
    [
      'an empty file',
      () => on(file('empty.csv', '')),
      'grids[0].task.path',
      /empty.csv is empty; expected a data file/,
    ],
    [
      'a header alone',
      () => on(file('head.csv', 'text,mood\n')),
      'grids[0].task',
      /has a header and no rows/,
    ],
    [
      'no such column',
      () => on(good(), { label: 'kind' }),
      'grids[0].task',
      /no column "kind", which task.label.*are text, mood/,
    ],
    [
      'a row without a label',
      () => on(file('hole.csv', 'text,mood\na,good\nb,\n')),
      'grids[0].task',
      /line 3: no label/,
    ],
    [
      'broken JSON',
      () => on(file('bad.jsonl', '{"text": "a"}\n{"te')),
      'grids[0].task',
      /bad.jsonl, line 2: not JSON/,
    ],
    [
      'too few rows',
      () => on(good(), { label: 'mood', train: 500 }),
      'grids[0].task',
      /task.train asks for 500 examples, and there are \d\d$/,
    ],
    [
      'words after a decoder’s mask',
      () => on(open(), cloze, { name: 'smollm2-135m' }),
      'grids[0].task.input',
      /"in \d+" follows \{mask\}, and smollm2-135m is a decoder/,
    ],
  ])('with %s are refused by place, and nothing is made', async (_what, body, path, message) => {
    const before = await tables();
    const sent = await sentInputs(client, body(), home);
    for (const send of [client.submit(sent), client.plan(sent)]) {
      const { status, issues } = await refusal(send);
      expect({ status, issues }).toEqual({
        status: 400,
        issues: [{ path, message: expect.stringMatching(message) as string }],
      });
    }
    expect(await tables()).toEqual(before);
  });

  it('are named by the value of the axis that names them', async () => {
    const axes = { 'task.path': [good(), '/nowhere/b.csv'], seed: [1, 2] };
    const { inputs } = await sentInputs(client, on(good()), home);
    const { issues } = await refusal(
      client.plan({ name: 'data', inputs, grids: [{ ...on(good()).grids[0]!, grid: axes }] }),
    );
    expect(issues.map((i) => i.path)).toEqual(['grids[0].grid.task.path[1]']);
  });

  it('that fit are taken', async () => {
    expect(await client.plan(await sentInputs(client, on(good()), home))).toMatchObject({ cells: 4 });
  });

  it('leave the API answering while many rows are read', async () => {
    const answers: string[] = [];
    const large = file('large.csv', `text,mood\n${rows(50_000)}`);
    const sent = await sentInputs(client, on(large), home);
    const plan = client.plan(sent).then(({ cells }) => answers.push(`plan of ${cells}`));
    for (let i = 0; i < 5; i++) await fetch(`${api.url}/api/health`).then(() => answers.push('health'));
    await plan;
    expect(answers).toEqual([...Array.from({ length: 5 }, () => 'health'), 'plan of 4']);
  }, 30_000);
});

describe('a bad request', () => {
  const changed = (changes: object) => ({ name: 'bad', grids: [{ ...grid, ...changes }] });
  const million = {
    seed: Array.from({ length: 1000 }, (_, i) => i),
    'training.steps': Array.from({ length: 1000 }, (_, i) => i + 1),
  };
  it.each([
    [
      'a wrong knob',
      changed({ method: { name: 'prompt-tuning', lenght: 3 } }),
      /grids\[0\]\.method\.lenght: no such knob.*did you mean "method\.length"/,
    ],
    [
      'an impossible corner',
      changed({ grid: { 'method.length': [1, 500] } }),
      /grids\[0\]\.grid\.method\.length\[1\]: 500 virtual tokens.*has 512/,
    ],
    [
      'an unknown backbone',
      changed({ backbone: { name: 'bert-huge' } }),
      /grids\[0\]\.backbone\.name: "bert-huge" is no backbone; known are/,
    ],
    ['broken YAML', 'name: x\ngrid: [1, 2', /line 2, column \d+: /],
    ['a priority out of range', { ...experiment, priority: 1e6 }, /priority: 1000000: .*100/],
    ['an axis that is no list', changed({ grid: { seed: 3 } }), /grids\[0\]\.grid\.seed: 3: expected a list/],
    [
      'a million cells',
      changed({ grid: million }),
      /grids\[0\]\.grid: the experiment has 1000000 cells; at most 100000/,
    ],
  ])('with %s names place, value and what was expected, and makes nothing', async (_what, body, message) => {
    const before = await tables();
    for (const send of [client.submit(body as never), client.plan(body as never)]) {
      const error = await refusal(send);
      expect(error.status).toBe(400);
      expect(error.message).toMatch(message);
      expect(error.issues.length).toBeGreaterThan(0);
    }
    expect(await tables()).toEqual(before);
  });

  it('of another type is a 415 that says which there are', async () => {
    const response = await fetch(`${api.url}/api/experiments`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: 'a,b',
    });
    expect(await response.json()).toMatchObject({
      status: 415,
      title: 'the body is text/csv; expected application/json, or a grid file as application/yaml',
    });
  });

  it('of broken JSON is a 400', async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${api.url}/api/experiments`, {
      method: 'POST',
      headers,
      body: '{"name": ',
    });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { issues: [{ message: expect.stringMatching(/^the body is not JSON: /) as string }] },
    ]);
  });

  it.each(['application/json', 'application/yaml'])(
    'of 200 MB of %s is a 413 and is not kept',
    async (type) => {
      const chunk = Buffer.alloc(1 << 20, 'x');
      let sent = 0;
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => (sent++ < 200 ? controller.enqueue(chunk) : controller.close()),
      });
      const before = process.memoryUsage().rss;
      const init = { method: 'POST', headers: { 'content-type': type }, body, duplex: 'half' } as RequestInit;
      const response = await fetch(`${api.url}/api/experiments`, init);
      expect([response.status, await response.json()]).toMatchObject([
        413,
        { title: 'the body is too large; at most 5 MB are read' },
      ]);
      expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
      expect(await client.experiments()).toBeDefined();
    },
  );

  it('for what is not there is a 404 that names it', async () => {
    const id = '00000000-0000-4000-8000-000000000000';
    const calls = [
      client.experiment(id),
      client.cells(id),
      client.cancel(id),
      client.events(id).next(),
      client.experiment('x'),
    ];
    for (const call of calls)
      expect(await refusal(call)).toMatchObject({ status: 404, message: /no experiment/ });
    for (const call of [client.trial(id), client.curve(id), client.retry(id)]) {
      expect(await refusal(call)).toMatchObject({ status: 404, message: /no trial/ });
    }
    expect((await fetch(`${api.url}/api/nothing`)).status).toBe(404);
  });
});

it('hands out a checkpoint’s files by name, and nothing else', async () => {
  const folder = join(home, 'adapter');
  mkdirSync(join(folder, 'deep'), { recursive: true });
  writeFileSync(join(folder, 'deep', 'a b.bin'), 'weights');
  const { hash, bytes, files } = await putFolder(await openStore(join(home, 'artifacts')), folder);
  const view = await client.submit({ ...experiment, name: 'kept' });
  const { trialId } = (await client.cells(view.id))[0]!;
  const place = { trialId, kind: 'adapter', step: 7, fence: 1 } as const;
  await db.prisma.checkpoint.create({
    data: { id: randomUUID(), ...place, hash, bytes: BigInt(bytes), files: files.map((f) => ({ ...f })) },
  });
  expect(await (await client.checkpointFile(trialId, place, 'deep/a b.bin')).text()).toBe('weights');
  for (const path of ['deep', 'a.bin', '../deep/a b.bin', '..%2f..%2fpostgres/password', '/etc/passwd']) {
    expect(await refusal(client.checkpointFile(trialId, place, path))).toMatchObject({ status: 404 });
  }
  expect(
    await refusal(client.checkpointFile(trialId, { kind: 'adapter', step: 8 }, 'deep/a b.bin')),
  ).toMatchObject({
    status: 404,
  });
});

it('shows its description as a page', async () => {
  const page = await fetch(`${api.url}/api/docs`);
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('peftgrid API')]);
});

it('answers the health check from the database, and "/" with the dashboard', async () => {
  expect(await (await fetch(`${api.url}/api/health`)).json()).toEqual({ status: 'ok' });
  expect(await client.workers()).toEqual([]);
  expect((await fetch(`${api.url}/`)).headers.get('content-type')).toMatch(/html/);
});
