import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { TrialConfig, TuneConfig } from '#contracts/trial.js';
import { adapterOfTrial } from '#methods/files/loaded-adapter.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { backboneFolder } from '#training/warm/backbone-folder.js';
import { fetchCheckpoint } from '../checkpoint-files.js';
import { connect } from '../connect.js';
import { Failure } from '../failure.js';
import { findTrial } from '../find.js';
import { cellOfRun } from '../kept-predictions.js';
import { say } from '../output.js';
import type { RunFolder } from '../run-folder.js';
import { refuseOther, withBackbone } from '../trial-backbone.js';
import { resultIn } from '../trial-folder.js';
import type { Answering } from './adapter-folder.js';

type Use = (answering: Answering) => Promise<void>;

/** A finished trial of a server: its adapter is fetched for as long, its backbone lies here or is fetched
 *  too. Throws Failure where it has none. */
export async function withServerTrial(id: string, use: Use): Promise<void> {
  const { client } = await connect();
  const trial = await client.trial(await findTrial(client, id));
  const config = tuned(trial.config);
  const kept = trial.checkpoints.findLast(({ kind }) => kind === 'adapter');
  if (!kept)
    throw new Failure(`trial ${trial.id.slice(0, 8)} has no adapter: it is ${trial.state}, ${trial.why}`);
  const scratch = mkdtempSync(join(tmpdir(), 'peftgrid-predict-'));
  try {
    const folder = join(scratch, 'adapter');
    await fetchCheckpoint(client, trial.id, kept, folder);
    await withBackbone(client, { trial, config }, async (model) => {
      refuseOther(model, trial.id.slice(0, 8), trial);
      await answered(folder, { model, config }, use);
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A finished cell of a run's folder. Throws Failure where it has no adapter. */
export async function withRunCell(
  folder: string,
  { run, cell: text, home }: { run: RunFolder; cell: string | undefined; home: string },
  use: Use,
): Promise<void> {
  const cell = cellOfRun(folder, run, text);
  const results = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as {
    key: string;
    config: TrialConfig;
  }[];
  const config = tuned(results.find(({ key }) => key === cell.trialId)!.config);
  const adapter = resultIn(folder, cell.trialId, 'adapter');
  if (!adapter) throw new Failure(`cell ${cell.id} has no adapter`);
  const { backbone } = config;
  if (backbone.pretrain || backbone.adapt)
    throw new Failure(
      `the backbone of cell ${cell.id} was trained by the run; predict from its adapter's folder ${adapter} with --backbone FOLDER`,
    );
  const model = await loadModel(await backboneFolder(backbone, null, { home, log: say }));
  try {
    await answered(adapter, { model, config }, use);
  } finally {
    model.dispose();
  }
}

async function answered(
  folder: string,
  { model, config }: { model: Model; config: TuneConfig },
  use: Use,
): Promise<void> {
  const adapter = await adapterOfTrial(folder, model, config.method);
  try {
    await use({ model, task: config.task, adapter });
  } finally {
    tf.dispose(adapter.parameters);
  }
}

function tuned(config: TrialConfig): TuneConfig {
  if (config.stage !== 'tune')
    throw new Failure(`the trial is of stage ${config.stage}, and answers no task`);
  if (config.task.name === 'mixture')
    throw new Failure(
      'the trial’s task is a mixture, whose labels are of several tasks; predict answers one',
    );
  return config;
}
