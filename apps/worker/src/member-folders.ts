import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DamagedArtifact, fetchFolder, type Store } from '#artifacts/store.js';
import type { Member } from '#contracts/trainer-messages.js';
import type { ClaimedTrial, StoredFolder } from '#db/claim-attempts.js';
import { localInputs } from './local-inputs.js';

const unusedMs = 7 * 24 * 3_600_000;

export interface Folders {
  store: Store;
  scratch: string; // this worker's
  cache: string; // checkpoints and inputs that trials start from and read by hash, shared by the workers of this machine
}

/** Fills the folders that a trainer needs for a claimed trial. A damaged resume state is passed over for the one before it, or for none,
 *  and `warn` is told. Throws DamagedArtifact where what it starts from or reads is gone, UnreadableInput where that is not known. */
export async function memberOf(
  trial: ClaimedTrial,
  folders: Folders,
  warn: (sentence: string) => Promise<unknown>,
): Promise<Member> {
  const { attemptId, config } = trial;
  const folder = join(folders.scratch, attemptId);
  await mkdir(folder, { recursive: true });
  const backboneFolder = trial.backbone && (await cachedFolder(folders, trial.backbone));
  const sourceFolder = trial.source && (await cachedFolder(folders, trial.source));
  const inputs = await localInputs(trial, (stored) => cachedFolder(folders, stored));
  const resume = await resumeFolder(trial, folders, warn);
  return { attemptId, config, folder, backboneFolder, sourceFolder, resumeFolder: resume, inputs };
}

async function resumeFolder(
  { attemptId, resume }: ClaimedTrial,
  { store, scratch }: Folders,
  warn: (sentence: string) => Promise<unknown>,
): Promise<string | null> {
  for (const { step, files } of resume) {
    const folder = join(scratch, attemptId, `resumed-${step}`);
    try {
      await fetchFolder(store, files, folder);
      return folder;
    } catch (error) {
      if (!(error instanceof DamagedArtifact)) throw error;
      await rm(folder, { recursive: true, force: true });
      await warn(`the state of step ${step} is passed over: ${error.message}`);
    }
  }
  return null;
}

/** A stored folder on this machine, whole: what was fetched earlier is hashed again before it is trusted. */
async function cachedFolder({ store, cache }: Folders, { hash, files }: Pick<StoredFolder, 'hash' | 'files'>): Promise<string> {
  const folder = join(cache, hash);
  if (!(await isWhole(folder, files))) {
    const partial = `${folder}.${process.pid}.partial`;
    await rm(partial, { recursive: true, force: true });
    await fetchFolder(store, files, partial);
    await rm(folder, { recursive: true, force: true });
    await rename(partial, folder).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; // another worker was first
      await rm(partial, { recursive: true, force: true });
    });
  }
  await utimes(folder, new Date(), new Date()); // as of when it is unused
  return folder;
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

/** Opens the cache and removes what nobody has used for a week. */
export async function openCache(home: string): Promise<string> {
  const cache = join(home, 'cache', 'checkpoints');
  await mkdir(cache, { recursive: true });
  for (const name of await readdir(cache)) {
    const { mtimeMs } = await stat(join(cache, name)).catch(() => ({ mtimeMs: Infinity }));
    if (Date.now() - mtimeMs > unusedMs) await rm(join(cache, name), { recursive: true, force: true });
  }
  return cache;
}
