import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import pino from 'pino';
import { DamagedArtifact, StoreFault } from '#artifacts/faults.js';
import type { Folder } from '#artifacts/folder.js';
import { openApiStore, openKeptStore } from '#artifacts/open.js';
import type { KeptPlace } from '#artifacts/place.js';
import {
  collectGarbage,
  fetchFolder,
  hasContent,
  missingFiles,
  openFile,
  openStore,
  putFolder,
  type Store,
} from '#artifacts/store.js';
import { type Database, openDatabase } from '#db/database.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.js';
import { digestOf } from '#db/join-links.js';
import { migrate } from '#db/migrate.js';
import { registerWorker } from '#db/workers.js';
import { FileHashes } from '#inputs/file-hashes.js';
import { tokenOf } from '../apps/api/src/access/tokens.js';
import { createApp } from '../apps/api/src/create-app.js';
import { EventStreams } from '../apps/api/src/event-streams.js';
import { Roots } from '../apps/api/src/inputs/roots.js';
import { ReadingThreads } from '../apps/api/src/reading/reading-threads.js';
import { Tables } from '../apps/api/src/tables/tables.js';
import { FaultyProxy } from './support/faulty-proxy.js';
import { credentials, itOnS3, s3Program, S3Server } from './support/s3-server.js';

jest.setTimeout(120_000);

const root = mkdtempSync(join(tmpdir(), 'peftgrid-stores-'));
const token = 'a worker that is registered';
const lines: string[] = [];
let postgres: EmbeddedPostgres;
let db: Database;
let app: NestExpressApplication;
let streams: EventStreams;
let kept: Store<Folder>; // what the API serves
let s3: S3Server | null = null;
let toApi: FaultyProxy;
let toS3: FaultyProxy;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres(root);
  await migrate(postgres.url);
  db = await openDatabase(postgres.url);
  kept = await openStore(join(root, 'kept'));
  const log = pino({ level: 'silent' });
  streams = new EventStreams(db, log);
  const tables = new Tables(postgres.url);
  const services = {
    tables,
    db,
    streams,
    store: kept,
    reading: new ReadingThreads(),
    roots: await Roots.open([]),
    hashes: FileHashes.of(root),
    mostBytes: 1e6,
  };
  app = await createApp(services, { tokens: [tokenOf('token', 'the token of the users')], log });
  await app.listen(0, '127.0.0.1');
  await registerWorker(db, { id: 'w', slots: 1, device: 'none', tokenDigest: digestOf(token) });
  if (s3Program) s3 = await S3Server.start('bucket');
  toApi = await FaultyProxy.start(() => (app.getHttpServer().address() as AddressInfo).port);
  toS3 = await FaultyProxy.start(() => s3!.port);
  Object.assign(process.env, credentials, { AWS_ENDPOINT_URL_S3: toS3.url });
});
afterAll(async () => {
  await Promise.all([toApi?.stop(), toS3?.stop(), app?.close(), streams?.stop()]);
  await s3?.stop();
  await db?.close();
  await postgres?.stop();
  rmSync(root, { recursive: true, force: true });
});
beforeEach(() => {
  for (const proxy of [toApi, toS3]) proxy.set('none');
  lines.length = 0;
});

function here(ms = 20_000, silenceMs?: number) {
  const home = mkdtempSync(join(root, 'home-'));
  const patience = { ms, log: (line: string) => void lines.push(line) };
  return { home, patience, copiesBytes: 1e9, ...(silenceMs && { silenceMs }) };
}

function folderOf(files: Record<string, string | Buffer>): string {
  const folder = mkdtempSync(join(root, 'in-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

const unique = (): string => randomBytes(16).toString('hex');
const target = (): string => join(root, unique());

interface Kind {
  name: string;
  it: typeof it;
  open(ms?: number, silenceMs?: number): Promise<Store>;
  proxy(): FaultyProxy;
}
const onS3: Kind = {
  name: 'S3',
  it: itOnS3,
  open: (...how) => openKeptStore('s3://bucket/some/where', here(...how)),
  proxy: () => toS3,
};
const onApi: Kind = {
  name: 'the API',
  it,
  open: (...how) => openApiStore({ url: toApi.url, token }, here(...how)),
  proxy: () => toApi,
};
const onFolder: Kind = {
  name: 'a folder',
  it,
  open: () => openKeptStore(undefined, here()),
  proxy: () => toApi,
};

/** What every store does, wherever it keeps files. */
describe.each([onFolder, onS3, onApi])('a store in $name', ({ it, open }) => {
  it('gives back what was stored, in another home, whatever lay at the target', async () => {
    const store = await open();
    const text = unique();
    const tree = await putFolder(store, folderOf({ a: text, 'deep/b': text.repeat(5_000), none: '' }));
    const other = { ...(await open()), ...(store.place === store.local ? store : {}) };
    expect(await missingFiles(other, tree.files)).toEqual([]);
    const out = folderOf({ a: 'older' });
    await fetchFolder(other, tree.files, out);
    expect([readFileSync(join(out, 'a'), 'utf8'), readFileSync(join(out, 'deep/b')).length]).toEqual([
      text,
      160_000,
    ]);
    for (let twice = 0; twice < 2; twice++) {
      const opened = await openFile(other, tree.files[0]!.hash);
      expect(Buffer.concat(await opened!.stream.toArray()).toString()).toBe(text);
    }
  });

  it('knows what is not there', async () => {
    const store = await open();
    const absent = { path: 'a', hash: 'f'.repeat(64), bytes: 1 };
    expect(await hasContent(store, absent)).toBe(false);
    expect(await missingFiles(store, [absent])).toEqual([absent]);
    expect(await openFile(store, absent.hash)).toBeNull();
    await expect(fetchFolder(store, [absent], target())).rejects.toThrow(DamagedArtifact);
  });

  it('takes large files', async () => {
    const store = await open();
    const { files } = await putFolder(store, folderOf({ large: randomBytes(35 << 20) }));
    const out = target();
    await fetchFolder(store, files, out); // which verifies it
  });
});

describe('a store that is tidied', () => {
  const tidies = async (store: Store<KeptPlace>): Promise<void> => {
    const [one, two] = [
      await putFolder(store, folderOf({ a: unique() })),
      await putFolder(store, folderOf({ a: unique() })),
    ];
    const keep = new Set(one.files.map((file) => file.hash));
    expect(await collectGarbage(store, keep)).toEqual({ files: 0, bytes: 0 }); // all are young
    const found = await collectGarbage(store, keep, { graceMs: -5_000, dryRun: true });
    expect(await missingFiles(store, two.files)).toEqual([]);
    expect(await collectGarbage(store, keep, { graceMs: -5_000 })).toEqual(found);
    expect([await missingFiles(store, one.files), await missingFiles(store, two.files)]).toEqual([
      [],
      two.files,
    ]);
  };

  it('loses what nothing names and is old, in a folder', async () =>
    tidies(await openKeptStore(undefined, here())));
  itOnS3('and on S3', async () => tidies(await openKeptStore('s3://bucket/tidied', here())));
});

describe.each([onS3, onApi])('faults of $name', ({ it, open, proxy }) => {
  it('are waited out while it is away, and that is said', async () => {
    const store = await open();
    proxy().set('away', 3);
    const { files } = await putFolder(store, folderOf({ a: unique() }));
    proxy().set('away', 3);
    await fetchFolder(store, files, target());
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^the artifact store .* does not answer \(.*\); it is tried again for 20 s$/);
    expect(lines[1]).toMatch(/^the artifact store .* is back$/);
  });

  it('are waited out while its connections stay open and nothing moves on them', async () => {
    const store = await open(20_000, 300);
    proxy().set('stalled', 3);
    const { files } = await putFolder(store, folderOf({ a: unique() }));
    proxy().set('stalled', 3);
    await fetchFolder(store, files, target());
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^the artifact store .* does not answer \(.*\); it is tried again for 20 s$/);
  });

  it('are none where it is slow, and that is said', async () => {
    const store = await open();
    proxy().set('slow');
    const { files } = await putFolder(store, folderOf({ a: unique() }));
    await fetchFolder(store, files, target());
    expect(new Set(lines)).toEqual(
      new Set([expect.stringMatching(/^the artifact store .* is slow: a call takes over 1 s$/)]),
    );
  });

  it('are a sentence once the patience has ended', async () => {
    const store = await open(500);
    proxy().set('away');
    await expect(putFolder(store, folderOf({ a: unique() }))).rejects.toThrow(StoreFault);
    await expect(putFolder(store, folderOf({ a: unique() }))).rejects.toMatchObject({ kind: 'away' });
  });

  it('are said at once where it is full, and nothing is kept', async () => {
    const store = await open();
    proxy().set('full');
    const folder = folderOf({ a: unique() });
    await expect(putFolder(store, folder)).rejects.toMatchObject({
      kind: 'full',
      message: /^the artifact store .* is full/,
    });
    proxy().set('none');
    const tree = await putFolder(store, folder);
    expect(await missingFiles(store, tree.files)).toEqual([]);
  });

  it('change nothing where bytes were changed, or cut off, on their way once', async () => {
    const store = await open();
    const { files } = await putFolder(store, folderOf({ a: unique() }));
    for (const fault of ['other-bytes', 'cut'] as const) {
      proxy().set(fault, 1);
      await fetchFolder(store, files, target());
      expect(proxy().met).toBeGreaterThan(1);
    }
  });
});

itOnS3('forgets an object that holds other bytes, so that storing it again mends the store', async () => {
  const store = await onS3.open();
  const folder = folderOf({ a: unique() });
  const { files } = await putFolder(store, folder);
  const { hash } = files[0]!;
  writeFileSync(join(s3!.folder, 'bucket/some/where/sha256', hash.slice(0, 2), hash), unique());
  await expect(fetchFolder(store, files, target())).rejects.toThrow(/^the stored file .* \(a\) is damaged/);
  expect(await missingFiles(store, files)).toEqual(files);
  await putFolder(store, folder);
  await fetchFolder(store, files, target());
});

it('tells bytes that change on their way from the API from a damaged artifact', async () => {
  const store = await onApi.open();
  const { files } = await putFolder(store, folderOf({ a: unique() }));
  toApi.set('other-bytes');
  await expect(fetchFolder(store, files, target())).rejects.toMatchObject({
    kind: 'refused',
    message: /change on their way/,
  });
  toApi.set('none');
  await fetchFolder(store, files, target());
  writeFileSync(kept.place.pathOf(files[0]!.hash), unique());
  await expect(fetchFolder(store, files, target())).rejects.toThrow(DamagedArtifact);
});

it('lets no worker in that is not registered', async () => {
  const store = await openApiStore({ url: toApi.url, token: 'another token' }, here());
  await expect(putFolder(store, folderOf({ a: unique() }))).rejects.toMatchObject({
    kind: 'refused',
    message: /answers 401/,
  });
});

itOnS3('says what is wrong with a bucket or with credentials', async () => {
  const other = await openKeptStore('s3://nosuchbucket', here());
  await expect(putFolder(other, folderOf({ a: unique() }))).rejects.toMatchObject({
    kind: 'refused',
    message: /no such bucket/,
  });
  process.env['AWS_SECRET_ACCESS_KEY'] = 'wrong';
  const store = await openKeptStore('s3://bucket', here());
  await expect(putFolder(store, folderOf({ a: unique() }))).rejects.toMatchObject({
    kind: 'refused',
    message: /not let us in/,
  });
  process.env['AWS_SECRET_ACCESS_KEY'] = credentials.AWS_SECRET_ACCESS_KEY;
  await expect(openKeptStore('s3:/bucket', here())).rejects.toThrow('expected s3://bucket/prefix');
  await expect(openKeptStore('artifacts', here())).rejects.toThrow(
    'expected s3://bucket/prefix or the absolute path of a folder',
  );
});
