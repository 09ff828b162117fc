import { readFileSync } from 'node:fs';

/** A process told apart from a later one that was given the same id. */
export interface ProcessIdentity {
  pid: number;
  started: string | null; // clock ticks since boot (Linux); null where the system does not say
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
  if (stateOf(pid) === 'Z') return false;
  return started === null || startOf(pid) === started;
}

const startOf = (pid: number): string | null => statOf(pid)?.[19] ?? null;
const stateOf = (pid: number): string | null => statOf(pid)?.[0] ?? null;

/** Fields of /proc/PID/stat from the third on: the second, the name, may hold spaces and brackets. */
function statOf(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}
