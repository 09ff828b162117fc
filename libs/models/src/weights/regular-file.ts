import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats } from 'node:fs';
import { readBytes } from './read-bytes.js';

/** Whether the folder has an entry of that name; a link to nothing is one. */
export const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Opens a file for reading, and gives what `use` gives. Links are followed. Throws an Error of one sentence,
 *  without waiting, where there is no such file or where it is a folder, a pipe, a socket or a device. */
export function withRegularFile<T>(path: string, use: (file: number, found: Stats) => T): T {
  const file = opened(path);
  try {
    const found = fstatSync(file);
    if (!found.isFile()) throw new Error(`${path} is ${kindOf(found)}; expected a file`);
    return use(file, found);
  } finally {
    closeSync(file);
  }
}

/** The text of a file of at most `most` bytes. Throws as withRegularFile, and where the file is larger. */
export function readTextFile(path: string, most: number): string {
  return withRegularFile(path, (file, { size }) => {
    if (size > most) throw new Error(`${path} has ${size} bytes; expected at most ${most}`);
    return new TextDecoder().decode(readBytes(file, 0, size));
  });
}

/** The JSON of a file, whatever it is. Throws as readTextFile, and where it is none. */
export function readJsonFile(path: string, most: number): unknown {
  return parsedJson(readTextFile(path, most), path);
}

/** `text` of the file `path`, parsed. */
export function parsedJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${path} is no JSON`, { cause });
  }
}

function opened(path: string): number {
  try {
    // a pipe that nobody writes to would be waited for
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    const why: Record<string, string> = {
      ENOENT: 'is missing, or a link to nothing',
      EACCES: 'may not be read by this user',
      ELOOP: 'is a link to itself',
      ENXIO: 'is a socket or a device; expected a file',
    };
    throw new Error(`${path} ${why[code] ?? `cannot be opened (${code})`}`, { cause });
  }
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a pipe';
  return found.isSocket() ? 'a socket' : 'a device';
}
