import { z } from 'zod';
import { statement, Uuid } from '../statement.js';
import { held } from './held.js';

/** Ends attempt $1, which crashed for cause $2 with message $3. Its trial is tried again, unless this was
 *  crash $4 or nobody wants it any more. */
export const countCrash = statement(
  'count-crash',
  z.object({ trialId: Uuid }),
  `
with ended as (
  update "Attempt" a set state = 'failed', message = $2::text || ': ' || $3::text, "endedAt" = now()
  from "Trial" t where a.id = $1 and ${held} returning a."trialId")
update "Trial" t set crashes = crashes + 1, note = null, "cancelRequested" = false,
  state = case when "cancelRequested" then 'cancelled' when crashes + 1 < $4::int then 'ready' else 'failed' end,
  cause = case when not "cancelRequested" and crashes + 1 >= $4 then $2 end,
  message = case when "cancelRequested" then null
    when crashes + 1 < $4 then 'tried again after ' || $2 || ': ' || $3
    else format('quarantined after %s crashes: %s', $4, $3) end,
  "finishedAt" = case when "cancelRequested" or crashes + 1 >= $4 then now() end
from ended where t.id = ended."trialId" returning t.id "trialId"`,
);
