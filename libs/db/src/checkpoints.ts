import type { Database } from './database.js';
import { selectReferencedHashes } from './sql/referenced-hashes.js';
import { type Result, selectResults } from './sql/results-of.js';
import { inTransaction } from './transition.js';

export type { Result } from './sql/results-of.js';

/** Hashes of all files that some checkpoint or some trial's input names: the artifact store may forget the
 *  others. */
export async function referencedHashes(db: Database): Promise<Set<string>> {
  const rows = await inTransaction(db, async (tx) => {
    // it reads every checkpoint and input
    await tx.query('set local statement_timeout = 0; set local enable_seqscan = on');
    return selectReferencedHashes(tx, []);
  });
  return new Set(rows.map((row) => row.hash));
}

/** Adapters, backbones, predictions and neighbours that succeeded trials ended with: of an experiment's
 *  trials, or of a trial and of all that it starts from. */
export async function resultsOf(
  db: Database,
  of: { experimentId: string } | { trialId: string },
): Promise<Result[]> {
  return selectResults(db.pool, 'experimentId' in of ? [of.experimentId, null] : [null, of.trialId]);
}
