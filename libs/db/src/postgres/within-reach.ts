import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { cp } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A folder that every user may enter and read: `folder` itself, or, where that or one above it is closed (a
 *  clone below /root, a umask of 077), a copy as `into`, made once. Throws a sentence where it can not be
 *  made. */
export async function withinReach(
  folder: string,
  into: string,
  log: (line: string) => void,
): Promise<string> {
  if (openAbove(folder) && openBelow(folder)) return folder;
  if (existsSync(into) && openBelow(into)) return into;
  log(`only root may enter ${folder}: copying it to ${into}`);
  const fresh = `${into}.${process.pid}`;
  try {
    mkdirSync(dirname(into), { recursive: true });
    chmodSync(dirname(into), 0o755); // whatever our umask is
    await cp(folder, fresh, { recursive: true, verbatimSymlinks: true });
    open(fresh);
    rmSync(into, { recursive: true, force: true }); // an older version's, which not everybody can read
    renameSync(fresh, into);
  } catch (cause) {
    // Another process may have been quicker.
    if (!existsSync(into))
      throw new Error(`Postgres’ programs could not be copied to ${into}: ${(cause as Error).message}`, {
        cause,
      });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return into;
}

function openAbove(folder: string): boolean {
  const above = dirname(folder);
  return (statSync(folder).mode & 0o001) !== 0 && (above === folder || openAbove(above));
}

function openBelow(path: string): boolean {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return true;
  if (!stat.isDirectory()) return (stat.mode & 0o004) !== 0;
  return (stat.mode & 0o005) === 0o005 && readdirSync(path).every((name) => openBelow(join(path, name)));
}

/** What its owner may read and execute, everybody may. */
function open(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  chmodSync(path, stat.mode | ((stat.mode & 0o500) >> 3) | ((stat.mode & 0o500) >> 6));
  if (stat.isDirectory()) for (const name of readdirSync(path)) open(join(path, name));
}
