import { closeSync, fchownSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { dataArgument } from './cluster.js';
import { lastWords, wordsOf } from './last-words.js';
import { clearOf, type Place } from './place.js';
import { marker } from './processes-in.js';
import { spawnUnprivileged } from './unprivileged.js';

/** A server process, from the moment it answers. */
export interface Server {
  ended: Promise<string>; // how, with its last words; when nothing of it is left
  /** Cuts connections, keeps what is committed. By force where that takes longer than a few seconds. */
  stop(): Promise<void>;
}

/** Why a server did not come up. */
export class StartFailure extends Error {
  constructor(
    readonly kind: 'port' | 'password' | 'leftover' | 'other' | 'stopped',
    message: string,
  ) {
    super(message);
  }
}

const patience = 30_000; // ms without a word about recovery until a server that does not come up is given up
const patienceInRecovery = 600_000;

export interface ServerOptions {
  port: number;
  url: string;
  listen?: string | undefined; // another address, besides 127.0.0.1
  signal: AbortSignal;
  output(chunk: Buffer): void;
}

/** Starts Postgres on the cluster and waits until it answers. Throws StartFailure; nothing of it is left
 *  then. */
export async function startServer(
  place: Place,
  { port, url, listen, signal, output }: ServerOptions,
): Promise<Server> {
  const settings = {
    port,
    listen_addresses: listen
      ? `127.0.0.1,${listen}`.replace(/^127\.0\.0\.1,0\.0\.0\.0$/, '0.0.0.0')
      : '127.0.0.1',
    ...(listen ? { hba_file: openToPassword(place) } : {}),
    unix_socket_directories: '',
    max_connections: 200,
    logging_collector: 'off',
  };
  const args = [
    '-D',
    dataArgument(place),
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const program = join(place.programs, 'postgres');
  const child = spawnUnprivileged(place.owner, {
    program,
    args,
    cwd: place.data,
    stdin: 'ignore',
    env: marker,
  });
  const said = wordsOf(child, output);
  // Not `close`: what a killed server leaves behind keeps its streams open.
  const exited = new Promise<string>((resolve) =>
    child
      .once('error', (e) => resolve(e.message))
      .once('exit', (code, signal) => resolve(`${signal ?? code}`)),
  );
  let over = false;
  const ended = exited.then(async (how) => {
    over = true;
    await clearOf(place.data);
    const words = lastWords(said());
    return `${how}${words ? `: ${words}` : ''}`;
  });
  const stop = async (): Promise<void> => {
    // A fast shutdown, one without a checkpoint, and none at all: the next start recovers.
    for (const [signal, ms] of [
      ['SIGINT', 2500],
      ['SIGQUIT', 700],
      ['SIGKILL', 2000],
    ] as const) {
      if (over) break;
      child.kill(signal);
      if (await Promise.race([exited, sleep(ms, null, { ref: false })])) break;
    }
    await Promise.race([ended, sleep(2500, null, { ref: false })]);
  };
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };

  const told = aborted(signal);
  for (let began = Date.now(), limit = patience; ; await sleep(50)) {
    const answer = await Promise.race([answerOf(url), exited.then(() => 'over' as const), told]);
    if (answer === 'yes') return { ended, stop };
    if (answer === 'over') {
      await sleep(50); // its last words may still be on their way
      await ended;
      throw new StartFailure(
        kindOf(said()),
        `Postgres did not start: ${lastWords(said()) || 'it gave no reason'}`,
      );
    }
    if (answer === 'recovering') limit = patienceInRecovery;
    if (answer === 'no' && Date.now() - began < limit) continue;
    if (answer === 'recovering' && Date.now() - began < limit) continue;
    await kill();
    if (answer === 'aborted') throw new StartFailure('stopped', 'stopped while Postgres was starting');
    if (answer === 'password') throw new StartFailure('password', 'the password does not fit');
    if (answer === 'refused')
      throw new StartFailure('other', 'Postgres refuses our connection; is its pg_hba.conf changed?');
    throw new StartFailure(
      'other',
      `Postgres gave no answer on port ${port} for ${limit / 1000} s: ${lastWords(said())}`,
    );
  }
}

/** Whoever has the password is let in from everywhere. Returns the file as the server, which may not pass
 *  through the home, knows it. */
function openToPassword(place: Place): string {
  const { data, owner } = place;
  const name = 'peftgrid_hba.conf';
  rmSync(join(data, name), { force: true });
  // the folder is the server's: nothing that it left there is followed
  const file = openSync(join(data, name), 'wx', 0o600);
  writeSync(file, 'host all all all scram-sha-256\n');
  if (owner) fchownSync(file, owner.uid, owner.gid);
  closeSync(file);
  return join(dataArgument(place), name);
}

function kindOf(said: string): StartFailure['kind'] {
  if (/Address already in use|could not bind/.test(said)) return 'port';
  if (/pre-existing shared memory block|lock file ".*" already exists|lock file ".*" is empty/.test(said))
    return 'leftover';
  return 'other';
}

type Answer = 'yes' | 'no' | 'recovering' | 'password' | 'refused';

/** Whether a server answers there, and what. */
export async function answerOf(url: string): Promise<Answer> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000, query_timeout: 2000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return 'yes';
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === '57P03') return 'recovering';
    if (code === '28P01') return 'password';
    if (code === '28000') return 'refused';
    return 'no';
  } finally {
    await client.end().catch(() => {});
  }
}

function aborted(signal: AbortSignal): Promise<'aborted'> {
  if (signal.aborted) return Promise.resolve('aborted');
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve('aborted'), { once: true }));
}
