import type { Readable } from 'node:stream';
import { DamagedArtifact } from '#artifacts/faults.js';
import { openFile, type Store } from '#artifacts/store.js';
import { Refused } from './refused.js';

/** A file of a checkpoint out of the store, verified. A 410 says where it is lost. */
export async function openStored(
  store: Store,
  { kind, path, hash }: { kind: string; path: string; hash: string },
): Promise<{ stream: Readable; bytes: number }> {
  const opened = await openFile(store, hash).catch((error: Error) => {
    if (error instanceof DamagedArtifact) throw lost(kind, path, error.message);
    throw error;
  });
  if (!opened) throw lost(kind, path, `there is no longer an artifact with hash ${hash}`);
  return opened;
}

function lost(kind: string, path: string, why: string): Refused {
  return new Refused(410, `the ${kind}'s file ${path} is lost: ${why}; ./peftgrid retry trains it anew`);
}
