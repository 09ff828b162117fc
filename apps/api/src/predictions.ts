import { Readable } from 'node:stream';
import { predictionsPage } from '#analysis/predictions-page.js';
import type { Store } from '#artifacts/store.js';
import type { TrialView } from '#contracts/experiment.js';
import { predictionsFile, PredictionsQuery, type PredictionsView } from '#contracts/predictions.js';
import { DamagedPredictions, openPredictions } from '#contracts/read-predictions.js';
import { openStored } from './open-stored.js';
import { Refused } from './refused.js';

/** What is asked for. A 400 names each parameter that is not one. */
export function predictionsQuery(query: unknown): PredictionsQuery {
  const { success, data, error } = PredictionsQuery.safeParse(query);
  if (success) return data;
  const issues = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new Refused(400, 'the predictions cannot be asked for like this', issues);
}

interface Kept extends Pick<TrialView, 'id' | 'state' | 'checkpoints'> {
  store: Store;
}

/** A page of what a trial said. A 404 says where it has said nothing that was kept, a 410 where the file is
 *  lost. */
export async function readPredictions(
  { id, state, checkpoints, store }: Kept,
  query: PredictionsQuery,
): Promise<PredictionsView> {
  const kept = checkpoints.findLast(({ kind }) => kind === 'predictions');
  const file = kept?.files.find(({ path }) => path === predictionsFile);
  if (!file) throw new Refused(404, `trial ${id} has no predictions: ${whyNone(state)}`);
  const { stream } = await openStored(store, { kind: 'predictions', path: predictionsFile, hash: file.hash });
  try {
    return await predictionsPage(
      await openPredictions(Readable.toWeb(stream) as ReadableStream<Uint8Array>),
      query,
    );
  } catch (error) {
    if (!(error instanceof DamagedPredictions)) throw error;
    throw new Refused(
      500,
      `the predictions of trial ${id} can not be read: ${predictionsFile}, ${error.message}`,
    );
  } finally {
    stream.destroy();
  }
}

function whyNone(state: TrialView['state']): string {
  if (state !== 'succeeded') return `it is ${state}, and they are kept when a trial has succeeded`;
  return 'it trained no method on a task, or it was trained before predictions were kept';
}
