import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { postgresFolder, postgresVersion } from './postgres-binaries.js';
import { commandOf, identityOf, isAlive, type ProcessIdentity } from './process-identity.js';
import { launcher, type Launcher } from './unprivileged.js';
import { withinReach } from './within-reach.js';

export interface EmbeddedPostgres {
  url: string;
  stop(): Promise<void>;
}

interface Home {
  root: string; // home/postgres
  programs: string;
  data: string;
  password: string;
  launch: Launcher;
  log(line: string): void;
}

const patience = 30_000; // ms until a server that does not come up or go down is given up

/** A Postgres server of our own below `home`/postgres, made on first use, listening on 127.0.0.1 at a free port. One that an owner who was
 *  killed left running is stopped first; a living owner's server is shared, and stop() then leaves it alone. The server goes down with
 *  its owner where the system can see to that (setpriv). Throws with the server's own last lines. */
export async function startEmbeddedPostgres(home: string, log: (line: string) => void = () => {}): Promise<EmbeddedPostgres> {
  const place = open(home, log);
  const shared = await ofLivingOwner(place);
  if (shared) return shared;
  await stopLeftover(place);
  if (!existsSync(join(place.data, 'PG_VERSION'))) await initialise(place);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      return await start(place, port);
    } catch (error) {
      if (attempt === 5) throw error; // a port taken in between, or backends of a killed server that are still going away
      log(`postgres did not start, trying again: ${(error as Error).message}`);
      await sleep(500 * attempt);
    }
  }
}

function open(home: string, log: Home['log']): Home {
  const root = join(home, 'postgres');
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const launch = launcher();
  if (launch.owner) chownSync(root, launch.owner.uid, launch.owner.gid);
  const secret = join(root, 'password');
  if (!existsSync(secret)) writeFileSync(secret, randomBytes(24).toString('hex'), { mode: 0o600, flag: 'wx' });
  chmodSync(secret, 0o600);
  const programs = join(programFolder(launch, log), 'bin');
  return { root, programs, data: join(root, 'data'), password: readFileSync(secret, 'utf8').trim(), launch, log };
}

/** Where whom the server runs as can reach it. */
function programFolder({ owner }: Launcher, log: Home['log']): string {
  const folder = postgresFolder();
  return owner ? withinReach(folder, join('/var/lib/peftgrid', `postgres-${postgresVersion(folder)}`), log) : folder;
}

const urlOf = ({ password }: Home, port: number): string => `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;

interface Owner extends ProcessIdentity {
  port: number;
}

async function ofLivingOwner(place: Home): Promise<EmbeddedPostgres | null> {
  const file = join(place.root, 'owner.json');
  if (!existsSync(file)) return null;
  const owner = readOwner(file);
  if (!owner || !isAlive(owner) || !(await answers(urlOf(place, owner.port)))) return null;
  place.log(`postgres of process ${owner.pid} is shared on port ${owner.port}`);
  return { url: urlOf(place, owner.port), stop: async () => {} };
}

function readOwner(file: string): Owner | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Owner;
  } catch {
    return null; // written in part when its owner was killed
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Ends a server that runs on our folder without an owner. A pid file whose process is not it is Postgres' to clean up. */
async function stopLeftover({ data, log }: Home): Promise<void> {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const [first = '', folder = ''] = readFileSync(file, 'utf8').split('\n');
  const pid = Number(first);
  if (!Number.isInteger(pid) || pid <= 1 || folder.trim() !== data || !commandOf(pid).includes('postgres')) return;
  log(`postgres (process ${pid}) was left running; it is restarted`);
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return; // gone
    }
    if (await gone(pid, patience / 3)) return;
  }
}

async function gone(pid: number, ms: number): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(50)) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
  }
  return false;
}

/** Into a folder beside, renamed when complete: a half-made one is never taken for a database. */
async function initialise({ root, programs, data, password, launch, log }: Home): Promise<void> {
  const fresh = join(root, 'data.new');
  const words = join(root, 'password.new');
  rmSync(fresh, { recursive: true, force: true });
  writeFileSync(words, `${password}\n`, { mode: 0o600 });
  if (launch.owner) chownSync(words, launch.owner.uid, launch.owner.gid);
  log('making a database');
  const flags = [
    `--pgdata=${fresh}`,
    '--username=postgres',
    `--pwfile=${words}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
  ];
  try {
    await finished(launch.spawn(join(programs, 'initdb'), flags, root));
  } finally {
    rmSync(words, { force: true });
  }
  renameSync(fresh, data);
}

async function finished(child: ChildProcess): Promise<void> {
  const lines = tail(child);
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`initdb ended with ${code}: ${lines()}`);
}

/** The last lines that a child wrote. */
function tail(child: ChildProcess): () => string {
  let text = '';
  const keep = (chunk: Buffer): void => void (text = (text + chunk.toString()).slice(-2000));
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return () => text.trim();
}

async function start(place: Home, port: number): Promise<EmbeddedPostgres> {
  const { root, programs, data, launch, log } = place;
  const options = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    logging_collector: 'off',
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = launch.spawn(join(programs, 'postgres'), ['-D', data, ...flags], root);
  const lines = tail(child);
  const ended = new Promise<string>((resolve) =>
    child.once('error', (e) => resolve(e.message)).once('close', (code) => resolve(`it ended with ${code}`)),
  );
  let over: string | undefined;
  void ended.then((how) => (over = how));
  const url = urlOf(place, port);
  for (const end = Date.now() + patience; !(await answers(url)); await sleep(50)) {
    if (over !== undefined || Date.now() > end) {
      child.kill('SIGQUIT');
      throw new Error(`postgres does not answer on port ${port} (${over ?? 'no answer yet'}): ${lines()}`);
    }
  }
  writeFileSync(join(root, 'owner.json'), JSON.stringify({ ...identityOf(process.pid), port } satisfies Owner));
  log(`postgres listens on 127.0.0.1:${port}`);
  const stop = async (): Promise<void> => {
    rmSync(join(root, 'owner.json'), { force: true });
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
      if (over !== undefined) return;
      child.kill(signal); // SIGINT: open connections are cut, everything committed is kept
      await Promise.race([ended, sleep(patience / 3, undefined, { ref: false })]);
    }
  };
  return { url, stop };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
