import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PeftgridClient } from '#contracts/client.js';
import type { TrialView } from '#contracts/experiment.js';
import type { TuneConfig } from '#contracts/trial.js';
import { peftgridHome } from '#engine/install/library.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { backboneFolder } from '#training/warm/backbone-folder.js';
import { fetchCheckpoint } from './checkpoint-files.js';
import { Failure } from './failure.js';
import { say } from './output.js';

/** A trial of a server that trained a method on a task. */
export interface TunedTrial {
  trial: TrialView;
  config: TuneConfig;
}

/** The backbone that the trial started from: a name, a folder of this machine, or another trial's checkpoint,
 *  fetched for as long. */
export async function withBackbone(
  client: PeftgridClient,
  { trial, config }: TunedTrial,
  use: (model: Model) => void | Promise<void>,
): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'peftgrid-backbone-'));
  try {
    const checkpoint = await fetchBackbone(client, trial, scratch);
    const folder = await backboneFolder(config.backbone, checkpoint, { home: peftgridHome(), log: say });
    const model = await loadModel(folder);
    try {
      await use(model);
    } finally {
      model.dispose();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function fetchBackbone(
  client: PeftgridClient,
  { waitsFor }: TrialView,
  folder: string,
): Promise<string | null> {
  const from = waitsFor.find((w) => w.kind === 'backbone');
  if (!from) return null;
  const { checkpoints } = await client.trial(from.trialId);
  const kept = checkpoints.find((c) => c.kind === 'backbone' && c.step === from.step);
  if (!kept)
    throw new Failure(`trial ${from.trialId.slice(0, 8)} has no backbone of step ${from.step} any more`);
  await fetchCheckpoint(client, from.trialId, kept, folder);
  return folder;
}

/** Throws Failure where the backbone here is another than the trial's. */
export function refuseOther(model: Model, name: string, { summary }: TrialView): void {
  const trained = summary?.provenance.backboneHash;
  if (trained === undefined || trained === model.hash) return;
  const hashes = `${model.hash.slice(0, 12)}…, and ${trained.slice(0, 12)}… was trained on`;
  throw new Failure(
    `${name}: the backbone in ${model.folder} is another than the trial's: it has hash ${hashes}`,
  );
}
