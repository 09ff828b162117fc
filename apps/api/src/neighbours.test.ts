import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import pino from 'pino';
import { openStore, putFolder } from '#artifacts/store.js';
import { PeftgridClient } from '#contracts/client.js';
import { type Neighbours, neighboursFile } from '#contracts/neighbours.js';
import { type Database, openDatabase } from '#db/database.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.js';
import { serve } from './serve.js';

const home = mkdtempSync(join(tmpdir(), 'peftgrid-neighbours-'));
let postgres: EmbeddedPostgres;
let api: Awaited<ReturnType<typeof serve>>;
let db: Database;
let client: PeftgridClient;
let trialIds: string[];

const grid = {
  name: 'g',
  backbone: { name: 'minilm-l6' },
  task: { name: 'wordnet-supersense', train: 100 },
  grid: { method: [{ name: 'lora' }, { name: 'prompt-tuning' }], seed: [1, 2] },
};

beforeAll(async () => {
  postgres = await startEmbeddedPostgres(home);
  const settings = {
    port: 0,
    host: '127.0.0.1',
    databaseUrl: postgres.url,
    redisUrl: undefined,
    home,
    gangSize: 1,
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

const near = { ids: [0, 1], values: [0.5, 0.25] };
const measured = { before: [near], after: [near], moved: [0.5] };
const kept: Neighbours = {
  tokens: { 0: 'cat', 1: 'dog' },
  labels: [{ label: 'cat', ids: [0] }],
  related: [],
  measures: { cosine: measured, dot: { ...measured, moved: [-3] }, euclidean: measured },
};

/** Keeps a file as a worker would. */
async function keep(trialId: string, content: Buffer): Promise<void> {
  const folder = join(home, randomUUID());
  mkdirSync(folder);
  writeFileSync(join(folder, neighboursFile), content);
  const { hash, bytes, files } = await putFolder(await openStore(join(home, 'artifacts')), folder);
  const place = { id: randomUUID(), trialId, kind: 'neighbours', step: 7, fence: 1 };
  await db.prisma.checkpoint.create({
    data: { ...place, hash, bytes: BigInt(bytes), files: files.map((f) => ({ ...f })) },
  });
}

it('gives what was kept by the measure that is asked for, and refuses what was not kept', async () => {
  const id = trialIds[2]!;
  await keep(id, gzipSync(JSON.stringify(kept)));
  const view = await client.neighbours(id, { k: 1, metric: 'dot' });
  expect(view).toMatchObject({ k: 1, metric: 'dot', found: { after: 1 }, meanMoved: -3 });
  await expect(client.neighbours(id)).rejects.toMatchObject({
    status: 400,
    issues: [{ path: 'k', message: 'k is 5; expected 1 to 2, as many as the trial kept' }],
  });
  for (const [query, path] of [
    ['k=0', 'k'],
    ['k=51', 'k'],
    ['metric=manhattan', 'metric'],
  ]) {
    const response = await fetch(`${api.url}/api/trials/${id}/neighbours?${query}`);
    expect([response.status, await response.json()]).toMatchObject([400, { issues: [{ path }] }]);
  }
});

it('says why a trial has none, and where the file is damaged', async () => {
  await expect(client.neighbours(trialIds[0]!)).rejects.toMatchObject({
    status: 404,
    message: /has no neighbours: method lora as it is set puts no virtual tokens/,
  });
  const id = trialIds[3]!;
  await expect(client.neighbours(id)).rejects.toMatchObject({ status: 404, message: /it is ready/ });
  await keep(id, gzipSync(JSON.stringify({ ...kept, measures: { cosine: measured } })));
  await expect(client.neighbours(id)).rejects.toMatchObject({
    status: 500,
    message: /neighbours.json.gz, measures.dot: /,
  });
  await expect(client.neighbours(randomUUID())).rejects.toMatchObject({ status: 404 });
});
