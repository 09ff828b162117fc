import type { DamagedArtifact } from '#artifacts/faults.js';
import type { ClaimedTrial } from '#db/claim-attempts.js';
import { resultsOf } from '#db/checkpoints.js';
import type { Database } from '#db/database.js';
import { healTrials } from '#db/revive.js';

/** What a trial starts from or reads is not in the store any more. Trials that had ended with it are trained
 *  anew, and the trial waits for them; the sentence says so. Null where no trial can make it again: then
 *  `why` is why the trial fails. */
export async function afterLoss(
  db: Database,
  { trialId, inputs }: ClaimedTrial,
  { hash, message }: DamagedArtifact,
): Promise<{ waits: string } | { fails: string }> {
  const results = await resultsOf(db, { trialId });
  const lost = results.filter((r) => r.trialId !== trialId && r.files.some((file) => file.hash === hash));
  const healed = await healTrials(db, lost);
  if (healed.length) return { waits: `what it starts from is trained anew: ${message}` };
  const input = inputs?.find(({ files }) => files.some((file) => file.hash === hash));
  if (input) return { fails: `${input.path} is lost: ${message}; submit again, which sends it anew` };
  return { fails: `what it starts from is lost: ${message}; ./peftgrid retry tries again` };
}
