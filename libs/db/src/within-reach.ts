import { cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** A folder that every user may enter: `folder` itself, or, where one above it is closed (a clone below /root), a copy as `into`, made
 *  once. Initdb asks with access(), which counts no capability, so that passing through closed folders does not help it. */
export function withinReach(folder: string, into: string, log: (line: string) => void): string {
  if (openToAll(folder)) return folder;
  if (existsSync(into)) return into;
  log(`only root may enter ${folder}: copying it to ${into}`);
  const fresh = `${into}.${process.pid}`;
  mkdirSync(dirname(into), { recursive: true, mode: 0o755 });
  try {
    cpSync(folder, fresh, { recursive: true, verbatimSymlinks: true });
    renameSync(fresh, into);
  } catch (error) {
    if (!existsSync(into)) throw error; // else another process was quicker
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return into;
}

function openToAll(folder: string): boolean {
  const above = dirname(folder);
  return (statSync(folder).mode & 0o001) !== 0 && (above === folder || openToAll(above));
}
