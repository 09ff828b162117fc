import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { initialise, resetPassword } from './postgres/cluster.js';
import { newPassword, readPassword, writePassword } from './postgres/password.js';
import { clearOf, holdsCluster, openPlace, type Place, takeOver } from './postgres/place.js';
import { processesIn } from './postgres/processes-in.js';
import { answerOf, type Server, StartFailure, startServer } from './postgres/server.js';
import { commandOf, identityOf, isAlive, type ProcessIdentity } from './process-identity.js';

export interface EmbeddedPostgres {
  url: string;
  /** Resolves when the server is no more, stopped or not, with how it ended and its last words. Never, where
   *  it is another's. */
  ended: Promise<string>;
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  log?(line: string): void;
  output?(chunk: Buffer): void; // what the server writes
  signal?: AbortSignal; // gives up a start
  /** Another address of this machine to listen on, for whoever has the password; 0.0.0.0: all of them. */
  listen?: string | undefined;
  /** Of this server before it ended: its port and password are kept, so that whoever has the address can come
   *  back. */
  url?: string | undefined;
}

/** A Postgres server of our own below `home`/postgres, made on first use, listening on 127.0.0.1 at a free
 *  port. One that an owner who was killed left running is stopped first; a living owner's server is shared,
 *  and stop() then leaves it alone. The server goes down with its owner where the system can see to that
 *  (setpriv). A lost or damaged password is replaced. Throws one sentence, with the server's own last words.
 */
export async function startEmbeddedPostgres(
  home: string,
  options: EmbeddedOptions | ((line: string) => void) = {},
): Promise<EmbeddedPostgres> {
  const {
    log = () => {},
    output = () => {},
    signal = new AbortController().signal,
    url,
    listen,
  } = typeof options === 'function' ? { log: options } : options;
  const place = await openPlace(home, log);
  const shared = await ofLivingOwner(place);
  if (shared) return shared;
  await stopLeftover(place);
  takeOver(place, home);
  const before = url === undefined ? null : new URL(url);
  const password = await fittingPassword(place, before?.password ?? readPassword(place.root), {
    signal,
    output,
  });
  return listening(place, { password, port: before && Number(before.port), listen, signal, output });
}

/** The cluster's password, after both are there and fit as far as we can know. */
async function fittingPassword(
  place: Place,
  known: string | null,
  how: Pick<Wanted, 'signal' | 'output'>,
): Promise<string> {
  const password = known ?? newPassword();
  if (readPassword(place.root) !== password) writePassword(place.root, password);
  if (!holdsCluster(place)) await initialise(place, password, how);
  else if (known === null) await resetPassword(place, password, how.signal);
  return password;
}

interface Wanted {
  password: string;
  port: number | null; // null: any that is free
  listen: string | undefined;
  signal: AbortSignal;
  output(chunk: Buffer): void;
}

const mostTries = 8;

async function listening(
  place: Place,
  { password, port: kept, listen, signal, output }: Wanted,
): Promise<EmbeddedPostgres> {
  for (let tries = 1; ; tries++) {
    const port = kept ?? (await freePort());
    const url = urlOf(password, port);
    try {
      return owned(place, port, url, await startServer(place, { port, url, listen, signal, output }));
    } catch (error) {
      if (!(error instanceof StartFailure) || tries === mostTries) throw error;
      if (error.kind === 'password' && tries === 1) await resetPassword(place, password, signal);
      else if (error.kind === 'leftover') await stopLeftover(place);
      else if (error.kind !== 'port') throw error;
      await sleep(kept ? 200 * tries : 50, undefined, { signal }).catch(() => {});
    }
  }
}

function owned({ root, log }: Place, port: number, url: string, { ended, stop }: Server): EmbeddedPostgres {
  const file = join(root, 'owner.json');
  try {
    writeFileSync(file, JSON.stringify({ ...identityOf(process.pid), port } satisfies Owner), {
      mode: 0o600,
    });
  } catch (error) {
    log(`${file} could not be written (${(error as Error).message}); nobody can share this database`);
  }
  log(`Postgres listens on 127.0.0.1:${port}`);
  return {
    url,
    ended,
    async stop() {
      rmSync(file, { force: true });
      await stop();
    },
  };
}

const urlOf = (password: string, port: number): string =>
  `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;

interface Owner extends ProcessIdentity {
  port: number;
}

async function ofLivingOwner({ root, log }: Place): Promise<EmbeddedPostgres | null> {
  const owner = readOwner(join(root, 'owner.json'));
  const password = readPassword(root);
  if (!owner || !password || !isAlive(owner)) return null;
  const url = urlOf(password, owner.port);
  if ((await answerOf(url)) !== 'yes') return null;
  log(`Postgres of process ${owner.pid} is shared on port ${owner.port}`);
  return { url, ended: new Promise(() => {}), stop: async () => {} };
}

function readOwner(file: string): Owner | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Owner;
  } catch {
    return null; // none, or written in part when its owner was killed
  }
}

/** Ends a server that runs on our folder without an owner, and what it left. A pid file of nobody is removed:
 *  one that a full disk left empty would stop Postgres for ever. */
async function stopLeftover({ data, log }: Place): Promise<void> {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return clearOf(data);
  const pid = serverOf(file, data);
  if (pid !== null) {
    log(`Postgres (process ${pid}) was left running; it is restarted`);
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
      try {
        process.kill(pid, signal);
      } catch {
        break; // gone
      }
      if (await gone(pid, 3000)) break;
    }
  }
  await clearOf(data);
  rmSync(file, { force: true });
}

function serverOf(pidFile: string, data: string): number | null {
  const [first = '', folder = ''] = readFileSync(pidFile, 'utf8').split('\n');
  const pid = Number(first);
  if (!Number.isInteger(pid) || pid <= 1) return null;
  if (processesIn(data).includes(pid)) return pid;
  return folder.trim() === data && commandOf(pid).includes('postgres') ? pid : null;
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

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
