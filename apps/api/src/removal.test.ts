import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import pino from 'pino';
import type { Folder } from '#artifacts/folder.js';
import { missingFiles, openStore, putFile, type Store, type StoredFile } from '#artifacts/store.js';
import { ApiError, PeftgridClient } from '#contracts/client.js';
import { claimAttempts } from '#db/claim-attempts.js';
import { finishAttempts } from '#db/finish-attempts.js';
import { recordCheckpoint } from '#db/record-checkpoint.js';
import { ingestMetrics } from '#db/record-progress.js';
import { cancelExperiment } from '#db/cancel.js';
import { type Database, openDatabase } from '#db/database.js';
import { dispatchReady } from '#db/dispatch.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.js';
import { migrate } from '#db/migrate.js';
import { submitExperiment } from '#db/submit.js';
import { FileHashes } from '#inputs/file-hashes.js';
import { expand } from '#planner/expand.js';
import { parseGridFile } from '#planner/parse-grid-file.js';
import { createApp } from './create-app.js';
import { EventStreams } from './event-streams.js';
import { Roots } from './inputs/roots.js';
import { ReadingThreads } from './reading/reading-threads.js';
import { Tables } from './tables/tables.js';

const home = mkdtempSync(join(tmpdir(), 'peftgrid-removal-'));
let postgres: EmbeddedPostgres;
let db: Database;
let streams: EventStreams;
let store: Store<Folder>;
let app: NestExpressApplication;
let client: PeftgridClient;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres(home);
  await migrate(postgres.url);
  db = await openDatabase(postgres.url);
  const log = pino({ level: 'silent' });
  streams = new EventStreams(db, log);
  store = await openStore(join(home, 'artifacts'));
  const tables = new Tables(postgres.url);
  const inputs = { tables, roots: await Roots.open([]), hashes: FileHashes.of(home), mostBytes: 1e6 };
  app = await createApp(
    { db, streams, store, reading: new ReadingThreads(), ...inputs },
    { tokens: [], log },
  );
  await app.listen(0, '127.0.0.1');
  client = new PeftgridClient(`http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`);
}, 60_000);
afterAll(async () => {
  await app?.close();
  await streams?.stop();
  await db?.close();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

/** A grid of so many seeds. */
async function submitted(seeds: number[]): Promise<string> {
  const request = parseGridFile(
    `name: a\nbackbone: { name: minilm-l6 }\ntask: { name: wordnet-supersense }\nmethod: { name: head }\ngrid: { seed: [${seeds.join(', ')}] }`,
  );
  return (await submitExperiment(db, { request, plan: expand(request), owner: 'local' })).id;
}

/** A file of the store that nobody has touched for two days. */
async function put(text: string): Promise<StoredFile> {
  const path = join(home, 'source');
  writeFileSync(path, text);
  const stored = await putFile(store, path);
  const then = new Date(Date.now() - 48 * 3_600_000);
  utimesSync(store.place.pathOf(stored.hash), then, then);
  return { path: 'file', ...stored };
}

it('removes an experiment with what it alone has, and leaves what another has', async () => {
  const [one, other] = [await submitted([1, 2]), await submitted([2, 3])];
  const files = { 1: await put('adapter 1'), 2: await put('adapter 2'), 3: await put('in both 1 and 2') };
  await put('named by nothing');
  const jobs = await dispatchReady(db, { slots: 2 });
  for (const job of jobs) {
    const [claimed] = await claimAttempts(db, job, 'w', 60);
    const { attemptId, config } = claimed!;
    const own = [files[(config as { seed: number }).seed as 1 | 2], files[3]];
    await recordCheckpoint(db, {
      attemptId,
      kind: 'adapter',
      step: 1,
      hash: 'b'.repeat(64),
      bytes: 1,
      files: own,
    });
    await ingestMetrics(db, [{ attemptId, metrics: [{ name: 'loss', split: 'train', step: 1, value: 1 }] }]);
    await finishAttempts(db, [{ verdict: 'failed', attemptId, cause: 'invalid', message: 'of the test' }]);
  }
  const seen = { cells: 2, trials: 1, shared: 1, metrics: 1, checkpoints: 1, bytes: files[1].bytes };
  expect(await client.removal(one)).toMatchObject({ ...seen, removable: true });
  expect(await client.removal(other)).toMatchObject({ state: 'active', removable: false });
  const refused = await client.remove(other).catch((error: ApiError) => error);
  expect(refused).toMatchObject({ status: 409, message: 'the experiment is active; cancel it first' });

  const { kinds } = await client.diskUse();
  expect(kinds).toContainEqual({ kind: 'nothing', files: 1, bytes: 16 });
  expect(kinds).toContainEqual({ kind: 'adapter', files: 3, bytes: 9 + 9 + 15 });

  expect(await client.remove(one)).toMatchObject(seen);
  expect(await client.removal(one).catch((error: ApiError) => error.status)).toBe(404);
  const counts = await db.pool.query(
    `select (select count(*)::int from "Trial") trials, (select count(*)::int from "Metric") metrics,
    (select count(*)::int from "Cell") cells, (select count(*)::int from "Event" where "experimentId" = $1) events`,
    [one],
  );
  expect(counts.rows).toEqual([{ trials: 2, metrics: 1, cells: 2, events: 0 }]);

  const loose = { files: 2, bytes: files[1].bytes + 16 };
  expect(await client.collectGarbage({ dryRun: true })).toEqual({ dryRun: true, ...loose });
  expect(await client.collectGarbage({ hours: 72 })).toMatchObject({ files: 0 });
  expect(await client.collectGarbage()).toEqual({ dryRun: false, ...loose });
  expect(await missingFiles(store, Object.values(files))).toEqual([files[1]]);

  await cancelExperiment(db, other);
  expect(await client.remove(other)).toMatchObject({
    trials: 2,
    shared: 0,
    bytes: files[2].bytes + files[3].bytes,
  });
  expect(await client.experiments()).toEqual([]);
  const refusal = await client.collectGarbage({ hours: 0.5 }).catch((error: ApiError) => error);
  expect(refusal).toMatchObject({ status: 400, issues: [{ path: 'hours' }] });
}, 60_000);
