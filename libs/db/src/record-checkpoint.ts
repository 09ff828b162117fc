import type { CheckpointView } from '#contracts/experiment.js';
import type { Database } from './database.js';
import { settle } from './settle.js';
import { upsertCheckpoint } from './sql/upsert-checkpoint.js';
import { transition } from './transition.js';

export interface NewCheckpoint extends CheckpointView {
  attemptId: string;
}

/** Makes a stored folder a checkpoint of the attempt's trial. A backbone checkpoint releases those that wait
 *  for its step at once; of resume states the newest two are kept. False: the attempt is lost and nothing was
 *  changed. */
export async function recordCheckpoint(
  db: Database,
  { attemptId, kind, step, hash, bytes, files }: NewCheckpoint,
): Promise<boolean> {
  return transition(db, async (tx) => {
    const [written] = await upsertCheckpoint(tx, [attemptId, kind, step, hash, bytes, JSON.stringify(files)]);
    if (written && kind === 'backbone') await settle(tx, [written.trialId]);
    return written !== undefined;
  });
}
