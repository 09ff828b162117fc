import { missingFiles, type Store } from '#artifacts/store.js';
import { type Result, resultsOf } from '#db/checkpoints.js';
import type { Database } from '#db/database.js';
import { healTrials } from '#db/revive.js';

/** Trains anew the succeeded trials of an experiment, or a trial and those that it starts from, whose
 *  artifacts the store has lost. Returns the ids of those trials. Sizes are compared; content is verified
 *  when it is read. */
export async function heal(
  { db, store }: { db: Database; store: Store },
  of: { experimentId: string } | { trialId: string },
): Promise<string[]> {
  const lost: Result[] = [];
  for (const result of await resultsOf(db, of))
    if ((await missingFiles(store, result.files)).length) lost.push(result);
  return healTrials(db, lost);
}
