import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DamagedArtifact } from '#artifacts/faults.js';
import { fetchFolder, type Store } from '#artifacts/store.js';
import type { Member } from '#contracts/trainer-messages.js';
import { type EvaluateConfig, evaluatedBy } from '#contracts/trial.js';
import type { ClaimedTrial } from '#db/claim-attempts.js';
import type { Cache } from './cache.js';
import { localInputs } from './local-inputs.js';

export interface Folders {
  store: Store;
  scratch: string; // this worker's
  cache: Cache;
}

/** Fills the folders that a trainer needs for a claimed trial. A damaged resume state is passed over for the
 *  one before it, or for none, and `warn` is told. Throws DamagedArtifact where what it starts from or reads
 *  is gone, UnreadableInput where that is not known, and StoreFault where the store cannot be used. */
export async function memberOf(
  trial: ClaimedTrial,
  folders: Folders,
  warn: (sentence: string) => Promise<unknown>,
): Promise<Member> {
  const { attemptId, config } = trial;
  const { scratch, cache } = folders;
  const folder = join(scratch, attemptId);
  await mkdir(folder, { recursive: true });
  const backboneFolder = trial.backbone && (await cache.folder(trial.backbone, attemptId));
  const evaluation = config.stage === 'evaluate' ? await evaluatedFolders(config, trial, cache) : undefined;
  const sourceFolder = !evaluation && trial.source ? await cache.folder(trial.source, attemptId) : null;
  const inputs = await localInputs(trial, (stored) => cache.folder(stored, attemptId));
  const resume = await resumeFolder(trial, folders, warn);
  return {
    attemptId,
    config,
    folder,
    backboneFolder,
    sourceFolder,
    ...(evaluation && { evaluatedFolders: evaluation }),
    resumeFolder: resume,
    inputs,
  };
}

/** What the trials ended with that an evaluation asks, which differ in their seed alone. */
async function evaluatedFolders(
  config: EvaluateConfig,
  { attemptId, evaluated }: ClaimedTrial,
  cache: Cache,
): Promise<string[]> {
  const folders: string[] = [];
  for (const { seed } of evaluatedBy(config)) {
    const found = evaluated.find((own) => own.seed === seed);
    if (!found) throw new Error(`the trial of seed ${seed} left no adapter, and the evaluation was begun`);
    folders.push(await cache.folder(found, attemptId));
  }
  return folders;
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
