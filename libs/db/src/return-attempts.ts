import type { Tx } from './transition.js';

const mostLosses = 10;

/** Ends attempts that run without a verdict: the trial is ready again, or cancelled where that was asked for. A loss (a worker that
 *  vanished) is never the trial's crash; but a trial that ten workers were lost with, and no checkpoint in between, takes no eleventh.
 *  Returns the ids of the trials; attempts that may not write any more are left out. */
export async function returnAttempts(
  tx: Tx,
  attemptIds: readonly string[],
  { reason, loss }: { reason: string; loss: boolean },
): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `with ended as (
       update "Attempt" a set state = case when t."cancelRequested" then 'cancelled' else 'lost' end, "endedAt" = now(), message = $2
       from "Trial" t where a.id = any($1) and a."trialId" = t.id and a.fence = t.fence and a.state = 'running' and t.state = 'running'
       returning a."trialId"),
     counted as (
       select t.id, t."cancelRequested" stop, t.losses + $3::int losses, not t."cancelRequested" and t.losses + $3::int >= $4::int doomed
       from "Trial" t where id in (select "trialId" from ended))
     update "Trial" t set losses = c.losses, note = null, "cancelRequested" = false,
       state = case when stop then 'cancelled' when doomed then 'failed' else 'ready' end,
       cause = case when doomed then 'error' end,
       message = case when stop then null when doomed then format('%s workers were lost with it; the last: %s', c.losses, $2::text) else 'again: ' || $2 end,
       "finishedAt" = case when stop or doomed then now() end
     from counted c where t.id = c.id returning t.id`,
    [attemptIds, reason, loss ? 1 : 0, mostLosses],
  );
  return rows.map((row) => row.id);
}

/** A job in the queue that names these attempts then claims nothing. */
export async function endDispatched(tx: Tx, trialIds: string[], message: string): Promise<void> {
  await tx.query(
    `update "Attempt" set state = 'cancelled', "endedAt" = now(), message = $2 where "trialId" = any($1) and state = 'dispatched'`,
    [trialIds, message],
  );
}
