import { z } from 'zod';
import { statement } from '../statement.js';

/** At most $3 events of experiment $1 and its trials with ids above $2, oldest first. */
export const selectEventsAfter = statement(
  'events-after',
  z.object({ id: z.coerce.number(), payload: z.record(z.string(), z.unknown()) }),
  `
select e.id, e.payload from "Event" e
left join lateral (
  select true mine from "ExperimentTrial" et where et."experimentId" = $1 and et."trialId" = e."trialId" limit 1) t on true
where e.id > $2 and (e."experimentId" = $1 or t.mine)
order by e.id limit $3`,
);
