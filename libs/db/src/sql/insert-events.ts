import { eventsChannel } from '../channels.js';
import { command } from '../statement.js';

/** Writes events in their order and wakes the watchers when the transition commits: $1 is
 *  { place, experimentId, trialId, payload }[]. */
export const insertEvents = command(
  'insert-events',
  `
with told as (
  insert into "Event" ("experimentId", "trialId", payload)
  select "experimentId", "trialId", payload
  from json_to_recordset($1::json) e(place int, "experimentId" uuid, "trialId" uuid, payload jsonb) order by place
  returning 1)
select pg_notify('${eventsChannel}', '') from (select count(*) from told) counted`,
);
