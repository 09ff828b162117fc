import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { PeftgridClient } from '#contracts/client.js';
import { type Database, openDatabase } from '#db/database.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.js';
import { serve } from './serve.js';

const home = mkdtempSync(join(tmpdir(), 'peftgrid-find-'));
let postgres: EmbeddedPostgres;
let api: Awaited<ReturnType<typeof serve>>;
let db: Database;
let client: PeftgridClient;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres(home);
  const common = { port: 0, host: '127.0.0.1', redisUrl: undefined, home, token: undefined };
  api = await serve({ ...common, databaseUrl: postgres.url }, pino({ level: 'silent' }));
  db = await openDatabase(postgres.url);
  client = new PeftgridClient(api.url);
}, 60_000);
afterAll(async () => {
  await api?.close();
  await db?.close();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

const grid = (seeds: number[], name = 'g') => ({
  name,
  backbone: { name: 'minilm-l6' },
  task: { name: 'wordnet-supersense' },
  method: { name: 'head' },
  grid: { seed: seeds },
});

it('finds a cell by GRID/INDEX in the newest experiment, by the beginning of its id, or of its trial’s', async () => {
  await client.submit({ name: 'first', grids: [grid([1, 2])] });
  const { id } = await client.submit({ name: 'second', grids: [grid([2, 3])] });
  const [, cell] = await client.cells(id);
  const { trialId, grid: name, index, point } = cell!;
  const found = {
    trialId,
    experiment: { id, name: 'second' },
    cell: { id: cell!.id, grid: name, index, point },
  };
  for (const called of ['g/1', cell!.id, cell!.id.slice(0, 13), trialId, trialId.slice(0, 9).toUpperCase()])
    expect([called, await client.trialsCalled(called)]).toEqual([called, [found]]);
  for (const called of ['g/7', 'h/1', 'zzzz', `${trialId}0`, '00000000-0000-4000-8000-000000000000'])
    expect([called, await client.trialsCalled(called)]).toEqual([called, []]);
});

it('finds a trial that no cell shows', async () => {
  const adapted = { ...grid([5]), backbone: { name: 't5-nano', adapt: { steps: 100 } } };
  const method = { name: 'prompt-tuning' };
  const { id } = await client.submit({ name: 'adapted', grids: [{ ...adapted, method }] });
  const [cell] = await client.cells(id);
  const [awaited] = (await client.trial(cell!.trialId)).waitsFor;
  const { trialId } = awaited!;
  expect(await client.trialsCalled(trialId.slice(0, 8))).toEqual([
    { trialId, experiment: { id, name: 'adapted' }, cell: null },
  ]);
});

it('tries all failed and cancelled trials of an experiment again, and no other', async () => {
  const { id } = await client.submit({ name: 'again', grids: [grid([11, 12, 13, 14])] });
  const cells = await client.cells(id);
  const become = (i: number, state: string) =>
    db.prisma.trial.update({ where: { id: cells[i]!.trialId }, data: { state, cause: 'diverged' } });
  await become(0, 'failed');
  await become(1, 'cancelled');
  await become(2, 'pruned');
  const { trials } = await client.retryAll(id);
  expect(trials.toSorted()).toEqual([cells[0]!.trialId, cells[1]!.trialId].toSorted());
  expect((await client.cells(id)).map(({ state }) => state)).toEqual(['ready', 'ready', 'pruned', 'ready']);
  expect(await client.retryAll(id)).toEqual({ trials: [] });
  await expect(client.retryAll('00000000-0000-4000-8000-000000000000')).rejects.toThrow(
    'there is no experiment',
  );
});
