import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import pino from 'pino';
import { openStore, putFolder } from '#artifacts/store.js';
import { ApiError, PeftgridClient } from '#contracts/client.js';
import { mostPredictions, predictionsFile } from '#contracts/predictions.js';
import { type Database, openDatabase } from '#db/database.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.js';
import { serve } from './serve.js';

const home = mkdtempSync(join(tmpdir(), 'peftgrid-predictions-'));
let postgres: EmbeddedPostgres;
let api: Awaited<ReturnType<typeof serve>>;
let db: Database;
let client: PeftgridClient;
let trialIds: string[];

const grid = {
  name: 'g',
  backbone: { name: 'minilm-l6' },
  task: { name: 'wordnet-supersense', train: 100 },
  method: { name: 'head' },
  grid: { seed: [1, 2, 3, 4] },
};

beforeAll(async () => {
  postgres = await startEmbeddedPostgres(home);
  const settings = {
    port: 0,
    host: '127.0.0.1',
    databaseUrl: postgres.url,
    redisUrl: undefined,
    home,
  };
  api = await serve({ ...settings, token: undefined }, pino({ level: 'silent' }));
  db = await openDatabase(postgres.url);
  client = new PeftgridClient(api.url);
  const { id } = await client.submit({ name: 'g', grids: [grid] });
  trialIds = (await client.cells(id)).map((c) => c.trialId);
}, 60_000);
afterAll(async () => {
  await api?.close();
  await db?.close();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

const head = { task: 't', kind: 'class', labels: ['no', 'yes'], hash: 'h' };
const said = (split: string, i: number, label: number | null) => ({
  kind: 'class',
  split,
  id: `${split}-${i}`,
  input: [`text ${i}`],
  answer: { label: i % 2 },
  said: { label, scores: [0.25, 0.75] },
});
const examples = [
  said('validation', 0, 0),
  ...Array.from({ length: 1000 }, (_, i) => said('test', i, i % 4 === 3 ? null : i % 10 === 0 ? 1 : i % 2)),
];
const lines = (values: unknown[]): string => values.map((v) => `${JSON.stringify(v)}\n`).join('');

/** Keeps a file as a worker would; returns its hash. */
async function keep(trialId: string, content: Buffer): Promise<string> {
  const folder = join(home, randomUUID());
  mkdirSync(folder);
  writeFileSync(join(folder, predictionsFile), content);
  const { hash, bytes, files } = await putFolder(await openStore(join(home, 'artifacts')), folder);
  const place = { id: randomUUID(), trialId, kind: 'predictions', step: 7, fence: 1 };
  await db.prisma.checkpoint.create({
    data: { ...place, hash, bytes: BigInt(bytes), files: files.map((f) => ({ ...f })) },
  });
  return files[0]!.hash;
}

async function refusal(request: Promise<unknown>): Promise<ApiError> {
  const error = await request.then(
    () => null,
    (e: unknown) => e,
  );
  if (error instanceof ApiError) return error;
  throw new Error(`expected an ApiError, got ${String(error)}`);
}

it('gives what a trial said, a page at a time, and what all of it amounts to', async () => {
  const [id] = trialIds as [string];
  await keep(id, gzipSync(lines([head, ...examples])));
  const first = await client.predictions(id);
  expect(first).toMatchObject({ ...head, split: 'test', examples: 1000, wrong: 350, offset: 0 });
  expect(first.predictions).toEqual(examples.slice(1, 21));
  expect(first.confusion).toEqual([
    { right: 0, said: 0, count: 400 },
    { right: 0, said: 1, count: 100 },
    { right: 1, said: 1, count: 250 },
    { right: 1, said: null, count: 250 },
  ]);
  const wrong = await client.predictions(id, { wrong: true, n: 3, offset: 2 });
  expect(wrong.predictions.map((p) => p.id)).toEqual(['test-7', 'test-10', 'test-11']);
  expect(await client.predictions(id, { split: 'validation' })).toMatchObject({ examples: 1, wrong: 0 });
  expect((await client.predictions(id, { offset: 5000 })).predictions).toEqual([]);
});

it.each([
  ['n=0', 'n'],
  [`n=${mostPredictions + 1}`, 'n'],
  ['n=', 'n'],
  ['n=1e3', 'n'],
  ['n=1&n=2', 'n'],
  ['offset=-1', 'offset'],
  ['offset=9999999999', 'offset'],
  ['split=train', 'split'],
  ['wrong=perhaps', 'wrong'],
  ['limit=3', ''],
])('%s is refused by its name', async (query, path) => {
  const response = await fetch(`${api.url}/api/trials/${trialIds[0]!}/predictions?${query}`);
  expect([response.status, await response.json()]).toMatchObject([400, { issues: [{ path }] }]);
});

it('says where a trial has none, and where there is no trial', async () => {
  expect(await refusal(client.predictions(trialIds[1]!))).toMatchObject({
    status: 404,
    message: /has no predictions: it is ready/,
  });
  expect(await refusal(client.predictions(randomUUID()))).toMatchObject({
    status: 404,
    message: /there is no trial/,
  });
});

it('says where the file is damaged or lost', async () => {
  const id = trialIds[2]!;
  const hash = await keep(id, gzipSync(lines([head, said('test', 0, 0)])));
  writeFileSync((await openStore(join(home, 'artifacts'))).place.pathOf(hash), 'other');
  expect(await refusal(client.predictions(id))).toMatchObject({
    status: 410,
    message: /predictions.jsonl.gz is lost: .* damaged/,
  });
  expect(await refusal(client.predictions(id))).toMatchObject({
    status: 410,
    message: /no longer an artifact/,
  });
});

it('names the line of a file that was written wrong', async () => {
  const id = trialIds[3]!;
  await keep(id, gzipSync(lines([head, said('test', 0, 5)])));
  expect(await refusal(client.predictions(id))).toMatchObject({
    status: 500,
    message: /predictions.jsonl.gz, line 2: there is no label 5/,
  });
});

it('stands in the description', async () => {
  const document = (await (await fetch(`${api.url}/api/docs-json`)).json()) as {
    paths: Record<string, { get: { parameters: { name: string }[]; responses: Record<string, unknown> } }>;
  };
  const { parameters, responses } = document.paths['/api/trials/{id}/predictions']!.get;
  expect(parameters.map((p) => p.name).toSorted()).toEqual(['id', 'n', 'offset', 'split', 'wrong']);
  expect(responses['200']).toMatchObject({
    content: { 'application/json': { schema: { $ref: '#/components/schemas/PredictionsView' } } },
  });
});
