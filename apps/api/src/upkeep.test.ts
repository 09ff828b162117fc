import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { Folder } from '#artifacts/folder.js';
import { openStore, putFile, type Store } from '#artifacts/store.js';
import { claimAttempts } from '#db/claim-attempts.js';
import { recordCheckpoint } from '#db/record-checkpoint.js';
import { type Database, openDatabase } from '#db/database.js';
import { dispatchReady } from '#db/dispatch.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.js';
import { eventsAfter } from '#db/events.js';
import { migrate } from '#db/migrate.js';
import { submitExperiment } from '#db/submit.js';
import { expand } from '#planner/expand.js';
import { parseGridFile } from '#planner/parse-grid-file.js';
import { until } from '../../../test/support/until.js';
import { Upkeep } from './upkeep.js';

const home = mkdtempSync(join(tmpdir(), 'peftgrid-upkeep-'));
let server: EmbeddedPostgres;
let db: Database;
let store: Store<Folder>;
beforeAll(async () => {
  server = await startEmbeddedPostgres(home);
  await migrate(server.url);
  db = await openDatabase(server.url);
  store = await openStore(join(home, 'artifacts'));
}, 60_000);
afterAll(async () => {
  await db.close();
  await server.stop();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

/** A file of the store that nobody has touched for so many days. */
async function put(
  text: string,
  days: number,
): Promise<{ path: string; hash: string; bytes: number; place: string }> {
  const path = join(home, 'source');
  writeFileSync(path, text);
  const stored = await putFile(store, path);
  const place = store.place.pathOf(stored.hash);
  const then = new Date(Date.now() - days * 24 * 3_600_000);
  utimesSync(place, then, then);
  return { path: 'file', ...stored, place };
}

it('removes old files that nothing names, and no input or checkpoint, however old', async () => {
  const [input, resume, adapter, orphan, young] = [
    await put('input', 400),
    await put('resume', 400),
    await put('adapter', 400),
    await put('orphan', 2),
    await put('young', 0.5),
  ];
  const request = parseGridFile(
    'name: a\nbackbone: { name: minilm-l6 }\ntask: { name: wordnet-supersense }\nmethod: { name: head }',
  );
  const { id } = await submitExperiment(db, { request, plan: expand(request), owner: 'local' });
  const [job] = await dispatchReady(db, { slots: 1 });
  const [attempt] = await claimAttempts(db, job!, 'w', 60);
  const { attemptId } = attempt!;
  for (const [kind, { place: _, ...file }] of [
    ['resume', resume],
    ['adapter', adapter],
  ] as const)
    // prettier-ignore
    await recordCheckpoint(db, { attemptId, kind, step: 1, hash: 'b'.repeat(64), bytes: file.bytes, files: [file] });
  const { place: _, ...file } = input;
  await db.pool.query('update "Trial" set inputs = $1', [
    JSON.stringify([{ path: '/data', kind: 'data', files: [file] }]),
  ]);
  await db.pool.query(`update "Event" set "createdAt" = now() - interval '31 days'`);
  const newest = (await eventsAfter(db, id, 0)).at(-1)!;

  const upkeep = new Upkeep({ db, store, log: pino({ level: 'silent' }) });
  upkeep.start();
  await until('the orphan is removed', async () => !existsSync(orphan.place));
  for (const { place } of [input, resume, adapter, young]) expect(existsSync(place)).toBe(true);
  expect((await eventsAfter(db, id, 0)).at(-1)).toEqual(newest);

  const later = await put('later', 2);
  upkeep.start(); // it is not due before tomorrow
  expect(existsSync(later.place)).toBe(true);
}, 60_000);
