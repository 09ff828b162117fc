import type { ChildProcess } from 'node:child_process';
import {
  closeSync,
  fchownSync,
  lchownSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { lastWords, wordsOf } from './last-words.js';
import { clearOf, type Place } from './place.js';
import { marker } from './processes-in.js';
import { spawnUnprivileged } from './unprivileged.js';

/** Where a server that was started in its data folder finds it. The way there from the root may be closed to
 *  the server. */
export const dataArgument = (place: Place): string =>
  process.platform === 'linux' ? '/proc/self/cwd' : place.data;

/** Makes the cluster in a folder beside, renamed when complete: a half-made one is never taken for a
 *  database. Throws a sentence. */
export async function initialise(
  place: Place,
  password: string,
  { signal, output }: { signal: AbortSignal; output(chunk: Buffer): void },
): Promise<void> {
  const { root, programs, data, owner, log } = place;
  const fresh = join(root, 'data.new');
  await clearOf(fresh);
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  if (owner) lchownSync(fresh, owner.uid, owner.gid);
  const words = join(root, 'password.new');
  log('making a database');
  try {
    writeFileSync(words, `${password}\n`, { mode: 0o600 });
    const file = openSync(words, 'r');
    try {
      if (owner) fchownSync(file, owner.uid, owner.gid);
      const flags = [
        '--username=postgres',
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--pwfile=/dev/stdin',
      ];
      const where = process.platform === 'linux' ? '/proc/self/cwd' : fresh;
      const args = [`--pgdata=${where}`, ...flags];
      const child = spawnUnprivileged(owner, {
        program: join(programs, 'initdb'),
        args,
        cwd: fresh,
        stdin: file,
        env: marker,
      });
      await runToEnd(child, 'no database could be made', fresh, signal, output);
    } finally {
      closeSync(file);
      rmSync(words, { force: true });
    }
    renameSync(fresh, data);
  } catch (error) {
    await clearOf(fresh);
    rmSync(fresh, { recursive: true, force: true });
    throw error;
  }
}

/** Gives the cluster's superuser this password, through a server of one user that asks for none. The cluster
 *  must not be in use. */
export async function resetPassword(place: Place, password: string, signal: AbortSignal): Promise<void> {
  const { programs, data, owner, log } = place;
  log('the password of the database does not fit; it is given a new one');
  const args = ['--single', '-D', dataArgument(place), 'postgres'];
  const child = spawnUnprivileged(owner, {
    program: join(programs, 'postgres'),
    args,
    cwd: data,
    stdin: 'pipe',
    env: marker,
  });
  child.stdin!.on('error', () => {}); // it has ended, which is told below
  child.stdin!.end(`alter role postgres with login password '${password}';\n`);
  const said = await runToEnd(child, 'the password of the database could not be set', data, signal);
  const problem = said.split('\n').find((line) => /\b(ERROR|FATAL|PANIC):/.test(line));
  if (problem) throw new Error(`the password of the database could not be set: ${problem.trim()}`);
}

/** What the program said. Throws `failure` with its last words where it ends with another code than 0, or
 *  when we are told to end. */
async function runToEnd(
  child: ChildProcess,
  failure: string,
  folder: string,
  signal: AbortSignal,
  output?: (chunk: Buffer) => void, // absent: it may name the password
): Promise<string> {
  const said = wordsOf(child, output);
  // What it has started holds its streams open, and is nobody's child once it is gone.
  let clearing = Promise.resolve();
  const stop = (): void => {
    child.kill('SIGKILL');
    clearing = clearOf(folder);
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    const how = await new Promise<number | string | null>((resolve, reject) =>
      child.once('error', reject).once('close', (code, signal) => resolve(code ?? signal)),
    );
    if (signal.aborted) throw new Error('stopped while the database was being made');
    if (how !== 0) throw new Error(`${failure}: ${lastWords(said()) || `it ended with ${how}`}`);
    return said();
  } finally {
    signal.removeEventListener('abort', stop);
    await clearing; // it must not meet what is started here next
    await clearOf(folder);
  }
}
