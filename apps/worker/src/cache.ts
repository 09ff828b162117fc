import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fetchFolder, type Store } from '#artifacts/store.js';
import type { StoredFolder } from '#db/claim-attempts.js';

type Folder = Pick<StoredFolder, 'hash' | 'files'>;

const unusedMs = 7 * 24 * 3_600_000;
const inUseMs = 10 * 60_000; // whoever uses a folder touches it more often

/** Folders of the store on this machine, by hash: checkpoints and inputs that trials start from and read. The
 *  workers of the machine share it. Those that were used longest ago go first once it holds more than
 *  `mostBytes`. */
export class Cache {
  private readonly fetching = new Map<string, Promise<void>>();
  private readonly inUse = new Map<string, Set<string>>(); // by attempt

  private constructor(
    private readonly root: string,
    private readonly store: Store,
    private readonly mostBytes: number,
    private readonly log: (line: string) => void,
  ) {}

  /** Opens it and removes what nobody has used for a week. */
  static async open(
    home: string,
    store: Store,
    { mostBytes, log }: { mostBytes: number; log(line: string): void },
  ): Promise<Cache> {
    const root = join(home, 'cache', 'checkpoints');
    await mkdir(root, { recursive: true });
    const cache = new Cache(root, store, mostBytes, log);
    for (const { path, usedAt } of await cache.entries()) {
      if (Date.now() - usedAt > unusedMs) await rm(path, { recursive: true, force: true });
    }
    return cache;
  }

  /** A stored folder on this machine, whole: what was fetched earlier is hashed again before it is trusted.
   *  It stays until the attempt's release. Throws DamagedArtifact or StoreFault. */
  async folder(stored: Folder, attemptId: string): Promise<string> {
    const path = join(this.root, stored.hash);
    this.inUse.set(attemptId, (this.inUse.get(attemptId) ?? new Set()).add(path));
    const running =
      this.fetching.get(stored.hash) ??
      this.fetch(stored, path).finally(() => this.fetching.delete(stored.hash));
    this.fetching.set(stored.hash, running);
    await running;
    return path;
  }

  release(attemptId: string): void {
    this.inUse.delete(attemptId);
  }

  /** Says that what runs uses its folders. */
  async touch(): Promise<void> {
    const now = new Date();
    for (const path of new Set([...this.inUse.values()].flatMap((paths) => [...paths])))
      await utimes(path, now, now).catch(() => {}); // not fetched yet
  }

  private async fetch({ hash, files }: Folder, path: string): Promise<void> {
    if (!(await isWhole(path, files))) {
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      if (bytes > 10e6)
        this.log(`fetching ${hash.slice(0, 12)}… (${Math.ceil(bytes / 1e6)} MB) from the artifact store`);
      const partial = `${path}.${process.pid}.partial`;
      await rm(partial, { recursive: true, force: true });
      await fetchFolder(this.store, files, partial);
      await rm(path, { recursive: true, force: true });
      await rename(partial, path).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; // another worker was first
        await rm(partial, { recursive: true, force: true });
      });
      await this.trim();
    }
    await utimes(path, new Date(), new Date()); // as of when it is unused
  }

  private async trim(): Promise<void> {
    if (this.mostBytes === Infinity) return;
    const entries = await Promise.all(
      (await this.entries()).map(async (entry) => ({ ...entry, bytes: await bytesBelow(entry.path) })),
    );
    let left = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    for (const { path, bytes, usedAt } of entries.toSorted((a, b) => a.usedAt - b.usedAt)) {
      if (left <= this.mostBytes || usedAt > Date.now() - inUseMs) return;
      await rm(path, { recursive: true, force: true });
      left -= bytes;
    }
  }

  private async entries(): Promise<{ path: string; usedAt: number }[]> {
    const paths = (await readdir(this.root)).map((name) => join(this.root, name));
    return Promise.all(
      paths.map(async (path) => ({
        path,
        usedAt: await stat(path).then(
          (s) => s.mtimeMs,
          () => Infinity,
        ),
      })),
    );
  }
}

async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((e) => e.isFile())
    .map((e) =>
      stat(join(e.parentPath, e.name)).then(
        (s) => s.size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
}

async function isWhole(folder: string, files: StoredFolder['files']): Promise<boolean> {
  try {
    for (const { path, hash } of files) if ((await hashOf(join(folder, path))) !== hash) return false;
    return true;
  } catch {
    return false;
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
