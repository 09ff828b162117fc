import { z } from 'zod';
import { statement, Uuid } from '../statement.js';
import { held } from './held.js';

/** A checkpoint of attempt $1's trial: kind, step, hash, bytes and files. Of resume states the newest two are
 *  kept. No row where the attempt is not held. */
export const upsertCheckpoint = statement(
  'upsert-checkpoint',
  z.object({ trialId: Uuid }),
  `
with written as (
  insert into "Checkpoint" (id, "trialId", kind, step, fence, hash, bytes, files)
  select gen_random_uuid(), t.id, $2, $3, a.fence, $4, $5, $6::jsonb from "Attempt" a, "Trial" t where a.id = $1 and ${held}
  on conflict ("trialId", kind, step) do update
    set fence = excluded.fence, hash = excluded.hash, bytes = excluded.bytes, files = excluded.files, "createdAt" = now()
  returning "trialId", kind, step),
forgotten as (
  delete from "Checkpoint" c using written w
  where c."trialId" = w."trialId" and c.kind = 'resume' and w.kind = 'resume' and c.step not in (
    select step from (
      select o.step from "Checkpoint" o where o."trialId" = w."trialId" and o.kind = 'resume' union select w.step) all_steps
    order by step desc limit 2))
update "Trial" t set losses = 0 from written w where t.id = w."trialId" returning t.id "trialId"`,
);
