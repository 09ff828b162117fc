import { hostname } from 'node:os';
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

// a worker that has not touched its folder for this long is dead, on whatever machine it ran
const staleMs = 10 * 60_000;

/** Makes this worker's folder for what trainers write, and removes those of workers that are dead. Named
 *  host-pid-time, as the worker is. */
export async function openScratch(home: string, workerId: string): Promise<string> {
  const root = join(home, 'scratch');
  await mkdir(root, { recursive: true });
  for (const name of await readdir(root)) {
    if (await isStale(root, name)) await rm(join(root, name), { recursive: true, force: true });
  }
  const folder = join(root, workerId);
  await mkdir(folder);
  return folder;
}

/** Says that the folder's worker lives. */
export async function touch(folder: string): Promise<void> {
  await utimes(folder, new Date(), new Date());
}

async function isStale(root: string, name: string): Promise<boolean> {
  const { mtimeMs } = await stat(join(root, name));
  if (Date.now() - mtimeMs > staleMs) return true;
  const [, host, pid] = /^(.*)-(\d+)-[0-9a-z]+$/.exec(name) ?? [];
  if (host !== hostname()) return false;
  return Number(pid) === process.pid || !isAlive(Number(pid)); // our own id was another's before us
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
