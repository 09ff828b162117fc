import { createReadStream, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { ApiError, type PeftgridClient } from '#contracts/client.js';
import type { CellView } from '#contracts/experiment.js';
import { predictionsFile } from '#contracts/predictions.js';
import { type OpenPredictions, openPredictions } from '#contracts/read-predictions.js';
import { Failure } from './failure.js';
import type { RunFolder } from './run-folder.js';
import { resultIn } from './trial-folder.js';

const old = 'it has no predictions: it trained no method on a task, or it was trained before they were kept';

/** What a trial in a run's folder said. Throws Failure where it has no predictions. */
export async function predictionsInFolder(run: string, trialId: string): Promise<OpenPredictions> {
  const folder = resultIn(run, trialId, 'predictions');
  const file = folder && join(folder, predictionsFile);
  if (!file || !existsSync(file)) throw new Failure(old);
  return openPredictions(Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>);
}

/** What a trial of a server said. Throws Failure where it has no predictions, or where they are lost. */
export async function predictionsOnServer(client: PeftgridClient, trialId: string): Promise<OpenPredictions> {
  const { checkpoints } = await client.trial(trialId);
  const kept = checkpoints.findLast(({ kind }) => kind === 'predictions');
  if (!kept) throw new Failure(old);
  const response = await client.checkpointFile(trialId, kept, predictionsFile).catch((error: Error) => {
    if (error instanceof ApiError && error.status === 410) throw new Failure(error.message);
    throw error;
  });
  return openPredictions(response.body!);
}

/** The finished cell of a run's folder that is meant: GRID/INDEX or the beginning of its trial's key; the
 *  only one may go unnamed. */
export function cellOfRun(folder: string, { cells }: RunFolder, text: string | undefined): CellView {
  const meant =
    text === undefined
      ? cells
      : cells.filter((c) => c.id === text || (text.length >= 4 && c.trialId.startsWith(text)));
  const trials = new Map(meant.map((cell) => [cell.trialId, cell]));
  if (trials.size === 1) {
    const cell = meant[0]!;
    if (cell.state === 'succeeded') return cell;
    throw new Failure(`cell ${cell.id} is not finished: ${cell.why}`);
  }
  const names = cells.slice(0, 5).map((c) => c.id).join(', '); // prettier-ignore
  const more = cells.length > 5 ? ` and ${cells.length - 5} more` : '';
  const what =
    text === undefined
      ? 'name one of its cells'
      : `"${text}" is ${trials.size ? `several cells` : 'no cell'}`;
  throw new Failure(`${resolve(folder)}: ${what}; there are ${names}${more}`);
}
