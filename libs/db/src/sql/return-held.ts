import { statement, WithId } from '../statement.js';
import { held } from './held.js';

/** Ends those of attempts $1 that are held, for reason $2. Their trials are ready again; cancelled where that
 *  was asked for; failed where this ($3: 1 or 0 more) makes $4 workers that were lost with it. Gives the
 *  trials. */
export const returnHeld = statement(
  'return-held',
  WithId,
  `
with ended as (
  update "Attempt" a set state = case when t."cancelRequested" then 'cancelled' else 'lost' end, "endedAt" = now(), message = $2
  from "Trial" t where a.id = any($1::uuid[]) and ${held} returning a."trialId"),
counted as (
  select t.id, t."cancelRequested" stop, t.losses + $3::int losses,
    not t."cancelRequested" and t.losses + $3::int >= $4::int doomed
  from "Trial" t where id in (select "trialId" from ended))
update "Trial" t set losses = c.losses, note = null, "cancelRequested" = false,
  state = case when stop then 'cancelled' when doomed then 'failed' else 'ready' end,
  cause = case when doomed then 'error' end,
  message = case when stop then null
    when doomed then format('%s workers were lost with it; the last: %s', c.losses, $2::text) else 'again: ' || $2 end,
  "finishedAt" = case when stop or doomed then now() end
from counted c where t.id = c.id returning t.id`,
);
