import { z } from 'zod';
import { statement } from '../statement.js';

/** Of the events of experiment $1 and its trials with ids above $2 and up to $3: the newest state of each
 *  trial, and the experiment's; and every event with metrics of its trials $4. Oldest first. */
export const selectLiveEvents = statement(
  'live-events',
  z.object({ id: z.coerce.number(), payload: z.record(z.string(), z.unknown()) }),
  `
select id, payload from (
  select distinct on (e."trialId") e.id, e.payload from "Event" e
  left join lateral (
    select true mine from "ExperimentTrial" et
    where et."experimentId" = $1 and et."trialId" = e."trialId" limit 1) t on true
  where e.id > $2 and e.id <= $3 and e.payload ->> 'type' <> 'metrics' and (e."experimentId" = $1 or t.mine)
  order by e."trialId", e.id desc) newest
union all
select e.id, e.payload from unnest($4::uuid[]) wanted
join "ExperimentTrial" et on et."experimentId" = $1 and et."trialId" = wanted
join "Event" e on e."trialId" = wanted and e.id > $2 and e.id <= $3 and e.payload ->> 'type' = 'metrics'
order by id`,
);
