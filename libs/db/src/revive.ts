import type { Database } from './database.js';
import { tell } from './outbox.js';
import { inParts } from './in-parts.js';
import { settle } from './settle.js';
import { forgetResults } from './sql/forget-results.js';
import { reopenCancelled, reopenFinished } from './sql/reopen-experiments.js';
import type { Result } from './sql/results-of.js';
import { revive, takeBackStops } from './sql/revive.js';
import { transition, type Tx } from './transition.js';

/** Puts final trials back to `blocked`, with a fresh crash budget and what they had written kept; returns
 *  their ids. `unless-settled`: only the cancelled, and those that failed for a reason that may not come
 *  again (not diverged, not invalid). `all`: every one that has no result. A stop that was asked for and not
 *  yet obeyed is taken back. */
export async function reviveTrials(
  tx: Tx,
  trialIds: readonly string[],
  which: 'unless-settled' | 'all',
): Promise<string[]> {
  const revived: string[] = [];
  await inParts(trialIds, async (some) => {
    await takeBackStops(tx, [some]);
    revived.push(...(await revive(tx, [some, which === 'all'])).map((row) => row.id));
  });
  await tellReopened(tx, revived, reopenFinished);
  return revived;
}

/** Trains anew what succeeded and lost what it had ended with: the checkpoints and the summary are forgotten,
 *  since the files are gone. What waited for them waits again, and cancelled experiments are active again
 *  where no other wants them. Returns the trials' ids. */
export async function healTrials(db: Database, lost: readonly Result[]): Promise<string[]> {
  if (lost.length === 0) return [];
  return transition(db, async (tx) => {
    const healed = (await forgetResults(tx, [lost.map((l) => l.checkpointId)])).map((row) => row.id);
    // an experiment is finished only while nothing of it can run
    await tellReopened(tx, healed, reopenFinished);
    await reopenCancelledOf(tx, healed);
    await settle(tx, healed);
    return healed;
  });
}

/** Reopens the cancelled experiments of trials that no other wants: a trial runs for an active one only. */
export async function reopenCancelledOf(tx: Tx, trialIds: readonly string[]): Promise<void> {
  await tellReopened(tx, trialIds, reopenCancelled);
}

async function tellReopened(
  tx: Tx,
  trialIds: readonly string[],
  reopen: typeof reopenFinished,
): Promise<void> {
  await inParts(trialIds, async (some) => {
    const reopened = await reopen(tx, [some]);
    tell(
      tx,
      reopened.map(({ id }) => ({
        experimentId: id,
        trialId: null,
        payload: { type: 'experiment', state: 'active' },
      })),
    );
  });
}
