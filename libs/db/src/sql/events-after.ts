import { z } from 'zod';
import { statement } from '../statement.js';

/** At most $3 events of experiment $1 and its trials with ids above $2, oldest first. */
export const selectEventsAfter = statement(
  'events-after',
  z.object({ id: z.coerce.number(), payload: z.record(z.string(), z.unknown()) }),
  `
select id, payload from "Event"
where id > $2 and ("experimentId" = $1
  or "trialId" in (select "trialId" from "ExperimentTrial" where "experimentId" = $1))
order by id limit $3`,
);
