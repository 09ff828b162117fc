import { z } from 'zod';
import { statement, WithId } from '../statement.js';

/** Attempt a: handed to a queue that no living worker hears, while others hear another. */
const stranded = `
a.state = 'dispatched' and exists (select from "Worker" where "seenAt" > now() - interval '20 seconds')
and not exists (select from "Worker" w where w.queue = a.queue and w."seenAt" > now() - interval '20 seconds')`;

export const anyStranded = statement(
  'any-stranded',
  z.object({ any: z.boolean() }),
  `select exists (select from "Attempt" a where ${stranded}) "any"`,
);

/** Ends them, and makes their trials ready again. Gives the trials. */
export const takeBackStranded = statement(
  'take-back-stranded',
  WithId,
  `
with ended as (
  update "Attempt" a set state = 'cancelled', "endedAt" = now(), message = 'no worker hears its queue any more'
  where ${stranded} returning a."trialId", a.fence)
update "Trial" t set state = 'ready', note = null from ended
where t.id = ended."trialId" and t.fence = ended.fence and t.state = 'dispatched' returning t.id`,
);
