import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { checkedHash, type Collected, type Content, type KeptPlace } from './place.js';

const probeBytes = 1 << 20;

/** A folder with sha256/ab/abcd…, and tmp/ for what is being written. What lies at its place is complete: it
 *  came there by a rename. */
export class Folder implements KeptPlace {
  readonly name: string;

  private constructor(readonly root: string) {
    this.name = root;
  }

  /** Made if need be. */
  static async open(root: string): Promise<Folder> {
    await mkdir(join(root, 'tmp'), { recursive: true });
    await mkdir(join(root, 'sha256'), { recursive: true });
    return new Folder(root);
  }

  /** Where a content lies, or would. */
  pathOf(hash: string): string {
    return join(this.root, 'sha256', checkedHash(hash).slice(0, 2), hash);
  }

  /** A path of nobody else, on the same file system. */
  temporary(): string {
    return join(this.root, 'tmp', randomUUID());
  }

  async sizes(hashes: readonly string[]): Promise<Map<string, number>> {
    const found = await Promise.all(hashes.map((hash) => sizeOf(this.pathOf(hash))));
    return new Map(hashes.flatMap((hash, i) => (found[i] === null ? [] : [[hash, found[i]!] as const])));
  }

  /** Young before it is looked at, so that a collector that comes between sees it. */
  async renew(hash: string): Promise<number | null> {
    const path = this.pathOf(hash);
    const now = new Date();
    try {
      await utimes(path, now, now);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
    return sizeOf(path);
  }

  async read(hash: string): Promise<Readable | null> {
    const handle = await open(this.pathOf(hash), constants.O_RDONLY).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    return handle && handle.createReadStream();
  }

  async write({ hash, file }: { hash: string; file: string }): Promise<void> {
    const path = this.pathOf(hash);
    await mkdir(dirname(path), { recursive: true });
    await rename(file, path);
    await flush(dirname(path));
  }

  async forget(hash: string): Promise<boolean> {
    await rm(this.pathOf(hash), { force: true });
    return true;
  }

  async probe(): Promise<void> {
    const path = this.temporary();
    try {
      await writeFile(path, Buffer.alloc(probeBytes), { flush: true });
    } finally {
      await rm(path, { force: true });
    }
  }

  /** Errors of a file system speak for themselves. */
  faultOf(): null {
    return null;
  }

  async *contents(): AsyncIterable<Content> {
    for (const { path, hash } of await this.files()) {
      const bytes = hash && (await sizeOf(path));
      if (typeof bytes === 'number') yield { hash: hash!, bytes };
    }
  }

  async collect({
    keep,
    before,
    dryRun,
  }: {
    keep: ReadonlySet<string>;
    before: number;
    dryRun: boolean;
  }): Promise<Collected> {
    const removed = { files: 0, bytes: 0 };
    for (const { path, hash } of await this.files()) {
      if ((hash && keep.has(hash)) || (await isYoung(path, before))) continue;
      const bytes = dryRun ? await sizeOf(path) : await this.remove(path, before);
      if (bytes === null) continue;
      removed.bytes += bytes;
      removed.files++;
    }
    return removed;
  }

  /** Bytes of what was removed; null: somebody asked for it between the two looks, and counts on it. */
  private async remove(path: string, before: number): Promise<number | null> {
    const aside = this.temporary();
    if (!(await moved(path, aside))) return null;
    if (await isYoung(aside, before)) {
      await moved(aside, path);
      return null;
    }
    const bytes = await sizeOf(aside);
    await rm(aside, { force: true });
    return bytes;
  }

  /** Every file; `hash` is null for what is still being written. */
  private async files(): Promise<{ path: string; hash: string | null }[]> {
    const entries = await readdir(this.root, { recursive: true, withFileTypes: true });
    const tmp = join(this.root, 'tmp');
    return entries
      .filter((entry) => entry.isFile() && (entry.parentPath === tmp || /^[0-9a-f]{64}$/.test(entry.name)))
      .map((entry) => ({
        path: join(entry.parentPath, entry.name),
        hash: entry.parentPath === tmp ? null : entry.name,
      }));
  }
}

const sizeOf = (path: string): Promise<number | null> =>
  stat(path).then(
    (s) => s.size,
    () => null,
  );

/** What is gone is nobody's to remove. */
const isYoung = (path: string, before: number): Promise<boolean> =>
  stat(path).then(
    (s) => s.mtimeMs > before,
    () => true,
  );

const moved = (from: string, to: string): Promise<boolean> =>
  rename(from, to).then(
    () => true,
    () => false,
  );

async function flush(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
