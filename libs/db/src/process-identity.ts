import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process told apart from a later one that was given the same id. */
export interface ProcessIdentity {
  pid: number;
  started: string | null; // clock ticks since boot (Linux), or a date; null where the system does not say
}

export function identityOf(pid: number): ProcessIdentity {
  return { pid, started: startOf(pid) };
}

/** Whether exactly this process still runs; a zombie does not. */
export function isAlive({ pid, started }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  if (statOf(pid)?.[0] === 'Z') return false;
  return started === null || startOf(pid) === started;
}

/** What a process was started with; nothing where the system does not say. */
export function commandOf(pid: number): string {
  return hasProc ? (procFile(pid, 'cmdline') ?? '').replaceAll('\0', ' ') : (ps(pid, 'args') ?? '');
}

const startOf = (pid: number): string | null => (hasProc ? (statOf(pid)?.[19] ?? null) : ps(pid, 'lstart'));

/** Linux, where a small system may have no ps. */
const hasProc = process.platform === 'linux';

/** Fields of /proc/PID/stat from the third on: the second, the name, may hold spaces and brackets. */
function statOf(pid: number): string[] | null {
  const text = hasProc ? procFile(pid, 'stat') : null;
  return text ? text.slice(text.lastIndexOf(')') + 2).split(' ') : null;
}

function procFile(pid: number, name: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return null; // it is gone
  }
}

function ps(pid: number, column: string): string | null {
  try {
    const args = ['-o', `${column}=`, '-p', String(pid)];
    return execFileSync('ps', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || null;
  } catch {
    return null; // it is gone
  }
}
