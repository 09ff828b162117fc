import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { scales } from '#contracts/scales.js';
import { Summary } from '#contracts/trainer-messages.js';
import { type Database, openDatabase } from './database.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.js';
import { summary } from './fixtures/summary.js';
import { migrate } from './migrate.js';

const migrations = resolve(__dirname, '..', '..', '..', 'prisma', 'migrations');
const home = mkdtempSync(join(tmpdir(), 'peftgrid-migrate-'));
let server: EmbeddedPostgres;
let db: Database;
beforeAll(async () => {
  server = await startEmbeddedPostgres(home);
  db = await openDatabase(server.url);
}, 60_000);
afterAll(async () => {
  await db.close();
  await server.stop();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

/** A folder with the migrations before the one that begins so. */
function before(prefix: string): string {
  const folder = join(home, `before-${prefix}`);
  for (const name of readdirSync(migrations))
    if (name < prefix) cpSync(join(migrations, name), join(folder, name), { recursive: true });
  return folder;
}

async function insertTrial(key: string, state: string, stored: object | null): Promise<void> {
  await db.pool.query(
    `insert into "Trial" (id, key, config, steps, "backboneKey", state, summary)
     values (gen_random_uuid(), $1, $2, 1000, 'b', $3, $4)`,
    [key, JSON.stringify({ stage: key }), state, stored && JSON.stringify(stored)],
  );
}

it('reads summaries that were written before metrics had units and directions', async () => {
  await migrate(server.url, before('0006'));
  const { references: _references, reportBy: _reportBy, metrics: _metrics, ...rest } = summary;
  const old = {
    ...rest,
    baselines: { majority: 0.5 },
    baselineMetric: 'f1',
    test: { accuracy: 0.75, loss: 0.4 },
  };
  await insertTrial('tune', 'succeeded', old);
  await insertTrial('pretrain', 'succeeded', { ...rest, baselines: {}, validation: { loss: 2 }, test: {} });
  await insertTrial('adapt', 'ready', null);
  expect(await migrate(server.url)).toContain('0006_metric_scales');
  const rows = await db.prisma.trial.findMany({ where: { state: 'succeeded' }, orderBy: { key: 'desc' } });
  const [tuned, pretrained] = rows.map((row) => Summary.parse(row.summary));
  expect(tuned).toEqual({
    ...rest,
    test: old.test,
    references: { majority: 0.5 },
    reportBy: 'f1',
    metrics: { accuracy: scales.accuracy, loss: scales.loss },
  });
  expect(pretrained).toMatchObject({
    references: {},
    reportBy: 'loss',
    metrics: { loss: { unit: 'nats', better: 'smaller' } },
  });
});

it('notes which trials are ready and open, of those that were there and from then on', async () => {
  const url = new URL(server.url);
  await db.pool.query('create database older');
  url.pathname = '/older';
  await migrate(url.href, before('0009'));
  const older = await openDatabase(url.href);
  await older.pool.query(`
    insert into "Experiment" (id, name) values (gen_random_uuid(), 'e');
    insert into "Trial" (id, key, config, steps, "backboneKey", state)
    select gen_random_uuid(), state, '{}', 1, 'b', state from unnest(array['blocked', 'ready', 'running', 'succeeded']) state;
    insert into "ExperimentTrial" ("experimentId", "trialId", position)
    select e.id, t.id, 0 from "Experiment" e, "Trial" t`);
  await migrate(url.href);
  const noted = async () =>
    (await older.prisma.experimentTrial.findMany({ include: { trial: true } }))
      .map(
        ({ ready, open, trial }) =>
          `${trial.key} ${trial.state} ${ready ? 'ready ' : ''}${open ? 'open' : 'ended'}`,
      )
      .toSorted();
  expect(await noted()).toEqual([
    'blocked blocked open',
    'ready ready ready open',
    'running running open',
    'succeeded succeeded ended',
  ]);
  await older.pool.query(
    `update "Trial" set state = case key when 'blocked' then 'ready' when 'ready' then 'dispatched' else 'failed' end`,
  );
  expect(await noted()).toEqual([
    'blocked ready ready open',
    'ready dispatched open',
    'running failed ended',
    'succeeded failed ended',
  ]);
  await older.close();
});
