import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import type { PeftgridClient } from '#contracts/client.js';
import type { CheckpointView } from '#contracts/experiment.js';
import { Failure } from './failure.js';

/** Fetches a checkpoint's files into a folder. Throws Failure where the server names one outside of it. */
export async function fetchCheckpoint(
  client: PeftgridClient,
  trialId: string,
  at: CheckpointView,
  folder: string,
): Promise<void> {
  for (const { path } of at.files) {
    const to = resolve(folder, path);
    if (!to.startsWith(folder + sep)) throw new Failure(`the server names a file outside the ${at.kind}'s folder: ${path}`);
    mkdirSync(dirname(to), { recursive: true });
    const response = await client.checkpointFile(trialId, at, path);
    writeFileSync(to, Buffer.from(await response.arrayBuffer()));
  }
}
