import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isAlive } from '#db/process-identity.js';

/** home/server.json: the server that `peftgrid up` keeps running on this home folder. */
export const ServerRecord = z.object({
  url: z.string().nullable(), // null: it is still starting
  pid: z.int(),
  started: z.string().nullable(),
  token: z.string().optional(),
});
export type ServerRecord = z.infer<typeof ServerRecord>;

export const serverFile = (home: string): string => join(home, 'server.json');

/** The server of this home whose process is alive; null where there is none. */
export const readServer = (home: string): ServerRecord | null => recordIn(serverFile(home));

function recordIn(file: string): ServerRecord | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  const record = ServerRecord.safeParse(parsed(text));
  return record.success && isAlive(record.data) ? record.data : null;
}

/** Written beside and renamed, so that nobody reads half of it; readable by its owner only, since it may hold
 *  the token. */
export function writeServer(home: string, record: ServerRecord): void {
  const partial = writtenBeside(home, record);
  try {
    renameSync(partial, serverFile(home));
  } finally {
    rmSync(partial, { force: true });
  }
}

/** Writes the record only where no other server that lives has one, of any number of `up` at once: the living
 *  one's record, or null where the place is ours now. */
export function claimServer(home: string, record: ServerRecord): ServerRecord | null {
  const partial = writtenBeside(home, record);
  try {
    for (;;) {
      const living = readServer(home);
      if (living) return living;
      setAsideDead(home);
      try {
        linkSync(partial, serverFile(home)); // fails where the file is there: whoever was first has it
        return null;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  } finally {
    rmSync(partial, { force: true });
  }
}

/** Of two that find a dead server's record, the slower one must not take away what the quicker one has put
 *  there since. */
function setAsideDead(home: string): void {
  const aside = `${serverFile(home)}.${process.pid}.dead`;
  try {
    renameSync(serverFile(home), aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    if (recordIn(aside)) linkSync(aside, serverFile(home));
  } finally {
    rmSync(aside, { force: true, recursive: true });
  }
}

function writtenBeside(home: string, record: ServerRecord): string {
  mkdirSync(home, { recursive: true });
  const partial = `${serverFile(home)}.${process.pid}`;
  try {
    writeFileSync(partial, JSON.stringify(record), { mode: 0o600 });
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
  return partial;
}

export const removeServer = (home: string): void => rmSync(serverFile(home), { force: true });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a file that a crash left half written
  }
}
