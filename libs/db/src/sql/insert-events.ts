import { command } from '../statement.js';

/** Writes events in their order: $1 is { place, experimentId, trialId, payload }[]. Those who listen on
 *  channels $2 are woken when the transition commits. */
export const insertEvents = command(
  'insert-events',
  `
with told as (
  insert into "Event" ("experimentId", "trialId", payload)
  select "experimentId", "trialId", payload
  from json_to_recordset($1::json) e(place int, "experimentId" uuid, "trialId" uuid, payload jsonb) order by place
  returning 1)
select pg_notify(channel, '') from (select count(*) from told) counted, unnest($2::text[]) channel`,
);
