import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { ApiError, type PeftgridClient } from '#contracts/client.js';
import type { CheckpointView } from '#contracts/experiment.js';
import { Failure } from './failure.js';

/** A file of a checkpoint is gone, or is not what was stored. */
export class LostArtifact extends Failure {}

/** Fetches a checkpoint's files into a folder, each verified by its hash. Throws LostArtifact where one is
 *  gone or damaged, and Failure where the server names one outside of it. */
export async function fetchCheckpoint(
  client: PeftgridClient,
  trialId: string,
  at: CheckpointView,
  folder: string,
): Promise<void> {
  for (const { path, hash } of at.files) {
    const to = resolve(folder, path);
    if (!to.startsWith(folder + sep))
      throw new Failure(`the server names a file outside the ${at.kind}'s folder: ${path}`);
    mkdirSync(dirname(to), { recursive: true });
    const response = await client.checkpointFile(trialId, at, path).catch((error: Error) => {
      if (error instanceof ApiError && error.status === 410) throw new LostArtifact(error.message);
      throw error;
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    if (createHash('sha256').update(bytes).digest('hex') !== hash)
      throw new LostArtifact(
        `the ${at.kind}'s file ${path} came damaged: it is not what was stored as ${hash}`,
      );
    writeFileSync(to, bytes);
  }
}
