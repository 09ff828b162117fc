import { z } from 'zod';
import { statement, Uuid } from '../statement.js';
import { held } from './held.js';

/** Ends attempt $1 and its trial for cause $2 with message $3. Resume states lead to the same end and are
 *  forgotten. */
export const failForGood = statement(
  'fail-for-good',
  z.object({ trialId: Uuid }),
  `
with ended as (
  update "Attempt" a set state = 'failed', message = $2::text || ': ' || $3::text, "endedAt" = now()
  from "Trial" t where a.id = $1 and ${held} returning a."trialId"),
forgotten as (
  delete from "Checkpoint" c using ended where c."trialId" = ended."trialId" and c.kind = 'resume')
update "Trial" t set state = 'failed', cause = $2, message = $3, note = null, "cancelRequested" = false, "finishedAt" = now()
from ended where t.id = ended."trialId" returning t.id "trialId"`,
);
