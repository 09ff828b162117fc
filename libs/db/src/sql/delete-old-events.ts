import { command } from '../statement.js';

/** Deletes at most $2 of the events that are older than $1 days: metrics, and states that a newer event of
 *  the same trial or experiment has replaced. */
export const deleteOldEvents = command(
  'delete-old-events',
  `
delete from "Event" where id in (
  select e.id from "Event" e where "createdAt" < now() - $1::float8 * interval '1 day' and (payload ->> 'type' = 'metrics'
    or exists (select from "Event" n
      where n.id > e.id and n."trialId" = e."trialId" and n.payload ->> 'type' = e.payload ->> 'type')
    or exists (select from "Event" n
      where n.id > e.id and n."trialId" is null and n."experimentId" = e."experimentId"
        and n.payload ->> 'type' = e.payload ->> 'type'))
  limit $2)`,
);
