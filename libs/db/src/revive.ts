import type { Result } from './checkpoints.js';
import type { Database } from './database.js';
import { tell } from './events.js';
import { settle } from './settle.js';
import { transition, type Tx } from './transition.js';

/** Puts final trials back to `blocked`, with a fresh crash budget and what they had written kept; returns their ids. `unless-settled`:
 *  only the cancelled, and those that failed for a reason that may not come again (not diverged, not invalid). `all`: every one that
 *  has no result. A stop that was asked for and not yet obeyed is taken back. */
export async function reviveTrials(tx: Tx, trialIds: readonly string[], which: 'unless-settled' | 'all'): Promise<string[]> {
  await tx.query(`update "Trial" set "cancelRequested" = false where id = any($1) and "cancelRequested" and state = 'running'`, [
    trialIds,
  ]);
  const { rows } = await tx.query<{ id: string }>(
    `update "Trial" set state = 'blocked', cause = null, message = null, note = null, crashes = 0, losses = 0, "cancelRequested" = false,
       "finishedAt" = null
     where id = any($1) and state in ('failed', 'cancelled') and ($2 or state = 'cancelled' or cause not in ('diverged', 'invalid'))
     returning id`,
    [trialIds, which === 'all'],
  );
  const revived = rows.map((row) => row.id);
  await reopenFinished(tx, revived);
  return revived;
}

/** Trains anew what succeeded and lost what it had ended with: the checkpoints and the summary are forgotten, since the files are gone.
 *  What waited for them waits again, and cancelled experiments are active again where no other wants them. Returns the trials' ids. */
export async function healTrials(db: Database, lost: readonly Result[]): Promise<string[]> {
  if (lost.length === 0) return [];
  return transition(db, async (tx) => {
    const { rows } = await tx.query<{ id: string }>(
      `with gone as (delete from "Checkpoint" where id = any($1) returning "trialId")
       update "Trial" set state = 'blocked', cause = null, message = 'trained again: what it ended with was lost', note = null, summary = null,
         step = 0, crashes = 0, losses = 0, "cancelRequested" = false, "finishedAt" = null
       where id in (select "trialId" from gone) and state = 'succeeded' returning id`,
      [lost.map((l) => l.checkpointId)],
    );
    const healed = rows.map((row) => row.id);
    await reopenFinished(tx, healed);
    await reopenCancelled(tx, healed);
    await settle(tx, healed);
    return healed;
  });
}

/** An experiment is finished only while nothing of it can run. */
async function reopenFinished(tx: Tx, trialIds: string[]): Promise<void> {
  const { rows } = await tx.query<{ id: string }>(
    `update "Experiment" set state = 'active', "finishedAt" = null
     where state = 'finished' and id in (select "experimentId" from "ExperimentTrial" where "trialId" = any($1)) returning id`,
    [trialIds],
  );
  await tell(tx, rows.map(({ id }) => ({ experimentId: id, trialId: null, payload: { type: 'experiment', state: 'active' } }))); // prettier-ignore
}

/** Reopens the cancelled experiments of trials that no other wants: a trial runs for an active one only. */
export async function reopenCancelled(tx: Tx, trialIds: readonly string[]): Promise<void> {
  const { rows } = await tx.query<{ id: string }>(
    `update "Experiment" e set state = 'active', "finishedAt" = null where state = 'cancelled' and exists (
       select from "ExperimentTrial" et where et."experimentId" = e.id and et."trialId" = any($1) and not exists (
         select from "ExperimentTrial" o join "Experiment" x on x.id = o."experimentId"
         where o."trialId" = et."trialId" and x.state <> 'cancelled')) returning id`,
    [trialIds],
  );
  await tell(tx, rows.map(({ id }) => ({ experimentId: id, trialId: null, payload: { type: 'experiment', state: 'active' } }))); // prettier-ignore
}
