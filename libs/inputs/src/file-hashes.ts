import { createHash, randomUUID } from 'node:crypto';
import { constants, type BigIntStats } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

export interface HashedFile {
  hash: string; // sha256
  bytes: number;
}

const settledMs = 2_000; // a file that changed less long ago may change again within one tick of its times
const tries = 3;

/** Hashes of files, remembered in a folder as long as a file's size, times, inode and device stay as they
 *  were. A file that was changed within the last two seconds is read each time. */
export class FileHashes {
  constructor(private readonly folder: string) {}

  /** The cache of a home folder. */
  static of(home: string): FileHashes {
    return new FileHashes(join(home, 'cache', 'hashes'));
  }

  /** Throws where the path is no plain file (what is none is not read: it might never end), or where the file
   *  keeps changing. */
  async hashOf(path: string): Promise<HashedFile> {
    // a pipe without a writer would wait
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return await this.hashOfOpen(handle, resolve(path));
    } finally {
      await handle.close();
    }
  }

  private async hashOfOpen(handle: FileHandle, path: string): Promise<HashedFile> {
    for (let attempt = 1; attempt <= tries; attempt++) {
      const before = await handle.stat({ bigint: true });
      if (!before.isFile()) throw new Error(`${path} is no file`);
      const started = Date.now();
      const [stamp, bytes] = [stampOf(before), Number(before.size)];
      const place = join(this.folder, createHash('sha256').update(path).digest('hex'));
      const known = await recall(place, stamp);
      if (known) return { hash: known, bytes };
      const hash = await contentHash(handle);
      if (stampOf(await handle.stat({ bigint: true })) !== stamp) continue;
      if (isSettled(before, started)) await remember(place, { stamp, hash });
      return { hash, bytes };
    }
    throw new Error(`${path} is being changed while it is read`);
  }
}

const stampOf = ({ size, mtimeNs, ctimeNs, ino, dev }: BigIntStats): string =>
  [size, mtimeNs, ctimeNs, ino, dev].join(' ');

const isSettled = ({ mtimeMs, ctimeMs }: BigIntStats, at: number): boolean =>
  Math.max(Number(mtimeMs), Number(ctimeMs)) < at - settledMs;

async function contentHash(handle: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(1 << 20);
  for (let at = 0; ;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}

async function recall(place: string, stamp: string): Promise<string | undefined> {
  const text = await readFile(place, 'utf8').catch(() => '');
  const [hash, of] = text.split('\n');
  return of === stamp && /^[0-9a-f]{64}$/.test(hash!) ? hash : undefined;
}

/** Where it cannot be written the file is read again next time. */
async function remember(place: string, { stamp, hash }: { stamp: string; hash: string }): Promise<void> {
  const partial = `${place}.${randomUUID()}.partial`;
  try {
    await mkdir(dirname(place), { recursive: true });
    await writeFile(partial, `${hash}\n${stamp}\n`);
    await rename(partial, place);
  } catch {
    await rm(partial, { force: true }).catch(() => undefined);
  }
}
