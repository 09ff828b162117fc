import { z } from 'zod';
import { statement } from '../statement.js';

/** Of trials with keys $1, stages $2, backbone keys $3 and steps $4: how many are there already, how many
 *  seconds the others take at the mean step time of measured trials of their stage and backbone, and of how
 *  many no such time is known. */
export const plannedTrials = statement(
  'planned-trials',
  z.object({ reused: z.int(), seconds: z.number().nullable(), unknown: z.int() }),
  `
with planned as (select * from unnest($1::text[], $2::text[], $3::text[], $4::int[]) u(key, stage, "backboneKey", steps)),
pace as (
  select stage, "backboneKey", avg("stepMs") ms from "Trial" where "stepMs" is not null
  and "backboneKey" in (select "backboneKey" from planned) group by 1, 2),
known as (
  select key from "Trial" where key in (select key from planned)
  and (state not in ('failed', 'cancelled') or cause in ('diverged', 'invalid')))
select (select count(*)::int from known) reused, sum(p.steps * pace.ms) / 1000 seconds,
  count(*) filter (where pace.ms is null and p.steps > 0)::int unknown
from planned p left join pace using (stage, "backboneKey") where p.key not in (select key from known)`,
);
