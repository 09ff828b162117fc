import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { identityOf, openKeptStore } from '#artifacts/open.js';
import { recordStore } from '#db/artifact-store.js';
import { codeVersion } from '#db/code-version.js';
import { openDatabase } from '#db/database.js';
import { migrate } from '#db/migrate.js';
import { postgresWarnings } from '#db/postgres-settings.js';
import { redisWarnings } from '#queue/redis-settings.js';
import { tokenOf } from './access/tokens.js';
import { createApp } from './create-app.js';
import { EventStreams } from './event-streams.js';
import { FileHashes } from '#inputs/file-hashes.js';
import { Roots } from './inputs/roots.js';
import { limitClients } from './limits.js';
import { Dispatching } from './queue/dispatching.js';
import { ReadingThreads } from './reading/reading-threads.js';
import { reachableUrl } from './reachable-url.js';
import { Tables } from './tables/tables.js';
import { mostUploaded, type Settings } from './settings.js';
import { Upkeep } from './upkeep.js';

const storePatienceMs = 10_000; // with a store that is away: a client waits
const copiesBytes = 20e9; // of what lies in a bucket, on this machine
const patienceMs = 5_000; // for requests that are being answered when the API is told to end

/** The API, listening and dispatching. Throws one sentence where the database does not answer or the port is
 *  taken. */
export async function serve(
  settings: Settings,
  log: Logger,
): Promise<{ url: string; close(): Promise<void> }> {
  const { databaseUrl, redisUrl, host, port, token, home, artifacts, proxies = [] } = settings;
  const roots = await Roots.open(settings.roots ?? []);
  const applied = await migrate(databaseUrl);
  if (applied.length) log.info({ migrations: applied }, 'migrated');
  const db = await openDatabase(databaseUrl);
  const warnings = redisUrl
    ? redisWarnings(redisUrl).catch((error: Error) => [`Redis does not answer: ${error.message}`])
    : [];
  for (const warning of [...(await postgresWarnings(db)), ...(await warnings)]) log.warn(warning);
  const streams = new EventStreams(db, log);
  const reading = new ReadingThreads();
  const tables = new Tables(databaseUrl);
  const say = (line: string): void => log.warn(line);
  const store = await openKeptStore(artifacts, {
    home,
    patience: { ms: storePatienceMs, log: say },
    copiesBytes,
  });
  const tokens = token ? [tokenOf('token', token)] : [];
  const services = {
    db,
    streams,
    reading,
    tables,
    store,
    roots,
    hashes: FileHashes.of(home),
    mostBytes: settings.uploadBytes ?? mostUploaded,
  };
  const url = (): string => settings.publicUrl ?? reachableUrl(app.getHttpServer().address() as AddressInfo);
  const joining = { version: codeVersion(), databaseUrl, redisUrl, artifacts, url };
  const app = await createApp(services, {
    tokens,
    proxies,
    log,
    joining,
    queue: { databaseUrl, redisUrl, log: say },
  });
  limitClients(app.getHttpServer());
  try {
    await app.listen(port, host);
  } catch (cause) {
    if ((cause as { code?: string }).code !== 'EADDRINUSE') throw cause;
    throw new Error(`port ${port} of ${host} is taken by another program; set PORT to a free one`, { cause });
  }
  const record = {
    identity: await identityOf(store),
    address: artifacts ?? null,
    apiUrl: url(),
    version: joining.version,
  };
  const before = await recordStore(db, record);
  if (before && before.identity !== record.identity)
    log.warn(
      { before: before.address, now: record.address },
      'artifacts were kept elsewhere before: what is not copied is lost',
    );
  await streams.start();
  await app.get(Dispatching).start({ log, upkeep: new Upkeep({ db, store, log }) });
  const close = async (): Promise<void> => {
    const server = app.getHttpServer();
    setTimeout(() => server.closeAllConnections(), patienceMs).unref();
    await Promise.all([app.close(), streams.stop(), reading.stop(), tables.stop()]);
    await db.close();
  };
  return { url: urlOf(app.getHttpServer().address() as AddressInfo), close };
}

function urlOf(address: AddressInfo): string {
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
