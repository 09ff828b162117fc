import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import pino from 'pino';
import { openStore } from '#artifacts/store.js';
import { ApiError, PeftgridClient } from '#contracts/client.js';
import { readJoinUrl } from '#contracts/join.js';
import { type Database, openDatabase } from '#db/database.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.js';
import { digestOf } from '#db/join-links.js';
import { migrate } from '#db/migrate.js';
import { registerWorker, seenWorker, workerViews } from '#db/workers.js';
import { FileHashes } from '#inputs/file-hashes.js';
import { tokenOf } from './access/tokens.js';
import { createApp } from './create-app.js';
import { EventStreams } from './event-streams.js';
import { Roots } from './inputs/roots.js';
import { environmentFor } from './joining.js';
import { ReadingThreads } from './reading/reading-threads.js';
import { Tables } from './tables/tables.js';

const home = mkdtempSync(join(tmpdir(), 'peftgrid-join-'));
const token = 'the token of the users of this test';
const logged: string[] = [];
let postgres: EmbeddedPostgres;
let db: Database;
let streams: EventStreams;
let app: NestExpressApplication;
let client: PeftgridClient;
let base: string;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres(home);
  await migrate(postgres.url);
  db = await openDatabase(postgres.url);
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  streams = new EventStreams(db, log);
  const tables = new Tables(postgres.url);
  const inputs = { tables, roots: await Roots.open([]), hashes: FileHashes.of(home), mostBytes: 1e6 };
  const services = {
    db,
    streams,
    reading: new ReadingThreads(),
    store: await openStore(join(home, 'artifacts')),
    ...inputs,
  };
  const joining = {
    version: '0.1.0',
    databaseUrl: 'postgresql://me:secret@127.0.0.1:5432/peftgrid',
    redisUrl: 'redis://cache.example:6379',
    artifacts: undefined,
    url: () => base,
  };
  app = await createApp(services, { tokens: [tokenOf('token', token)], log, joining });
  await app.listen(0, '127.0.0.1');
  base = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  client = new PeftgridClient(base, { token });
}, 60_000);
afterAll(async () => {
  await app?.close();
  await streams?.stop();
  await db?.close();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

const joins = (link: string) => {
  const { url, secret } = readJoinUrl(link);
  return new PeftgridClient(url, { token: secret }).join();
};
const refusal = (promise: Promise<unknown>): Promise<ApiError> =>
  promise.then(
    () => fail('it was let in'),
    (e: ApiError) => e,
  );

it('tells a machine that joins what a worker needs, and nobody else', async () => {
  const link = await client.createJoinLink({ hours: 2 });
  expect(link.url).toMatch(new RegExp(`^${base}/#join=[\\w-]{43}$`));
  const { environment, joinId, version } = await joins(link.url);
  expect({ joinId, version }).toEqual({ joinId: link.id, version: '0.1.0' });
  expect(environment).toEqual({
    DATABASE_URL: 'postgresql://me:secret@127.0.0.1:5432/peftgrid',
    REDIS_URL: 'redis://cache.example:6379',
  });
  expect(await refusal(joins(`${base}/#join=${'x'.repeat(43)}`))).toMatchObject({ status: 401 });
  expect(await refusal(new PeftgridClient(base, { token }).join())).toMatchObject({ status: 401 });
  const { secret } = readJoinUrl(link.url);
  expect(await refusal(new PeftgridClient(base, { token: secret }).experiments())).toMatchObject({
    status: 401,
  });
  const [listed] = await client.joinLinks();
  expect(listed).toMatchObject({ id: link.id, uses: 1, revokedAt: null });
  expect(logged.join('')).not.toContain(secret);
  const { rows } = await db.pool.query<{ text: string }>('select "JoinLink"::text text from "JoinLink"');
  expect(rows.map((row) => row.text).join('')).not.toContain(secret);
});

it('says when a link has expired or was revoked', async () => {
  const [old, revoked] = [await client.createJoinLink(), await client.createJoinLink()];
  await db.pool.query(`update "JoinLink" set "expiresAt" = now() - interval '1 s' where id = $1`, [old.id]);
  expect(await refusal(joins(old.url))).toMatchObject({
    status: 410,
    message: /^this join link expired at .*workers join/,
  });
  await client.revokeJoinLink(revoked.id.slice(0, 8));
  expect(await refusal(joins(revoked.url))).toMatchObject({
    status: 410,
    message: /^this join link was revoked at /,
  });
  expect(await refusal(client.revokeJoinLink('f'.repeat(8)))).toMatchObject({ status: 404 });
  expect(await refusal(client.createJoinLink({ hours: -1 }))).toMatchObject({
    status: 400,
    issues: [{ path: 'hours' }],
  });
});

it.each([
  '',
  'http://host:1/',
  'host:1/#join=x',
  'ftp://host/#join=aaaaaaaaaaaaaaaaaaaaaaaa',
  'http://host/#join=short',
])('takes %j for no link, and quotes nothing of it', (text) => {
  expect(() => readJoinUrl(text)).toThrow(/^this is no join link; expected http\(s\):\/\/HOST:PORT\/#join=…/);
});

it('opens the artifacts to a registered worker, and nothing else, until its link is revoked', async () => {
  const link = await client.createJoinLink();
  const worker = {
    id: 'w',
    slots: 2,
    device: 'none',
    host: 'lab-3',
    labels: ['a', 'b'],
    version: '0.1.0',
    joinId: link.id,
  };
  const own = 'the own token of a worker';
  await registerWorker(db, { ...worker, tokenDigest: digestOf(own) });
  const asks = (path: string, secret: string) =>
    fetch(`${base}${path}`, { headers: { authorization: `Bearer ${secret}` } });
  const artifact = `/api/artifacts/${'0'.repeat(64)}`;
  expect([(await asks(artifact, own)).status, (await asks('/api/workers', own)).status]).toEqual([404, 401]);
  expect(await workerViews(db)).toMatchObject([
    { host: 'lab-3', labels: ['a', 'b'], version: '0.1.0', state: 'idle', slots: 2 },
  ]);
  expect(await seenWorker(db, 'w')).toBe('known');
  await client.revokeJoinLink(link.id);
  expect([(await asks(artifact, own)).status, await seenWorker(db, 'w')]).toEqual([401, 'revoked']);
  expect(await seenWorker(db, 'another')).toBe('unknown');
});

it('names what is this machine’s own as the machine that joins called it', () => {
  const env = { AWS_ENDPOINT_URL_S3: 'http://localhost:9000', AWS_ACCESS_KEY_ID: 'key', HOME: '/root' };
  const given = {
    version: '',
    url: () => '',
    databaseUrl: 'postgresql://a:b%40@[::1]:5/x?y=127.0.0.1',
    redisUrl: 'redis://127.0.0.1:6',
  };
  expect(environmentFor({ ...given, artifacts: 's3://b' }, 'gpu.example', env)).toEqual({
    DATABASE_URL: 'postgresql://a:b%40@gpu.example:5/x?y=127.0.0.1',
    REDIS_URL: 'redis://gpu.example:6',
    ARTIFACTS: 's3://b',
    AWS_ENDPOINT_URL_S3: 'http://gpu.example:9000',
    AWS_ACCESS_KEY_ID: 'key',
  });
  expect(environmentFor({ ...given, artifacts: '/a/folder' }, 'gpu.example', env)).not.toHaveProperty(
    'ARTIFACTS',
  );
});
