import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';

/** What a server's processes have in their environment. Postgres overwrites its own, its programs keep it. */
export const marker = { PEFTGRID_EMBEDDED: 'postgres' };

const programs = new Set(['postgres', 'initdb']);
const mark = Object.entries(marker).map(([key, value]) => `${key}=${value}`)[0]!;

/** Processes of Postgres that work in this folder, and programs that its statements started there. None where
 *  there is no /proc. */
export function processesIn(folder: string): number[] {
  if (!existsSync('/proc') || !existsSync(folder)) return [];
  const real = realpathSync(folder);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && link(`/proc/${name}/cwd`) === real && isOurs(name))
    .map(Number);
}

function isOurs(pid: string): boolean {
  const program = basename((link(`/proc/${pid}/exe`) ?? '').replace(/ \(deleted\)$/, ''));
  return programs.has(program) || environmentOf(pid).split('\0').includes(mark);
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return ''; // it is gone, or another user's
  }
}

function link(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null; // it is gone, or another user's
  }
}
