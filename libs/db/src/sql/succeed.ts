import { z } from 'zod';
import { statement, Uuid } from '../statement.js';
import { held } from './held.js';

/** Ends attempts with their summaries: $1 is { attemptId, summary, stepMs }[]. Those that are not held are
 *  left out. `awaited`: other trials start from what it has left. */
export const succeed = statement(
  'succeed',
  z.object({ attemptId: Uuid, trialId: Uuid, steps: z.int(), awaited: z.boolean() }),
  `
with said as (
  select * from json_to_recordset($1::json) s("attemptId" uuid, summary jsonb, "stepMs" float8)),
ended as (
  update "Attempt" a set state = 'succeeded', message = null, "endedAt" = now()
  from said, "Trial" t where a.id = said."attemptId" and ${held}
  returning a.id, a."trialId", t.steps, said.summary, said."stepMs"),
done as (
  update "Trial" t set state = 'succeeded', cause = null, message = null, note = null, "cancelRequested" = false,
    summary = ended.summary, step = t.steps, "stepMs" = ended."stepMs", "finishedAt" = now()
  from ended where t.id = ended."trialId"),
forgotten as (
  delete from "Checkpoint" c using ended where c."trialId" = ended."trialId" and c.kind = 'resume')
select id "attemptId", "trialId", steps,
  exists (select from "Dependency" d where d."dependsOnId" = ended."trialId") awaited
from ended`,
);
