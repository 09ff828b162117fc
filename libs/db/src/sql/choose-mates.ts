import { z } from 'zod';
import { statement, Uuid } from '../statement.js';
import { held } from './held.js';

/** Gives new attempts, in the job of the running attempt $1, to ready trials that can share its steps without
 *  padding: as many as make the largest of the sizes $2. They require the same labels. Knobs
 *  $3 of the method may differ. A worker's mates are its share of those that wait: workers seen within $4
 *  seconds have the others. None where a trial of a higher priority waits, or where the attempt's trial has
 *  crashed before. */
export const chooseMates = statement(
  'choose-mates',
  z.object({ id: Uuid, fence: z.int() }),
  `
with bell as (
  select t.*, a."jobId", a.queue,
    coalesce((select max(c.step) from "Checkpoint" c where c."trialId" = t.id and c.kind = 'resume'), 0) resumed
  from "Attempt" a join "Trial" t on ${held} where a.id = $1::uuid and t."gangKey" is not null and t.crashes = 0),
wanted as (
  select e.id, e.priority, et.requires from bell join "ExperimentTrial" et on et."trialId" = bell.id
  join "Experiment" e on e.id = et."experimentId"
  where e.state = 'active' order by e.priority desc, e."createdAt", e.id limit 1),
near as (
  -- Gang-mates stand side by side in an experiment's order: those further on are looked at later.
  select next.* from wanted, lateral (
    select et."trialId", et.position from "ExperimentTrial" et
    where et."experimentId" = wanted.id and et.requires = wanted.requires and et.ready order by et.position limit 64) next
  where not exists (
    select from "Experiment" e join "ExperimentTrial" et on et."experimentId" = e.id
    where e.state = 'active' and e.priority > wanted.priority and et.ready)),
mates as (
  select t.id, row_number() over (order by near.position) nth, count(*) over () waiting
  from near join "Trial" t on t.id = near."trialId", bell
  where t.state = 'ready' and t."gangKey" = bell."gangKey" and t.crashes = 0
    and (t.config->'method') - $3::text[] = (bell.config->'method') - $3::text[]
    and coalesce((select max(c.step) from "Checkpoint" c where c."trialId" = t.id and c.kind = 'resume'), 0) = bell.resumed),
share as (
  select 1 + (select max(waiting) from mates) / greatest(1, (
    select sum(slots) from "Worker" where fault is null and not draining
      and "seenAt" > now() - $4::float8 * interval '1 second')) members),
raised as (
  update "Trial" t set state = 'dispatched', fence = t.fence + 1, note = null
  from mates m, (select max(size) size from unnest($2::int[]) size where size <= (select members from share)) s
  where t.id = m.id and m.nth < s.size and t.state = 'ready' returning t.id "trialId", t.fence, m.nth),
made as (
  insert into "Attempt" (id, "trialId", "jobId", fence, state, queue)
  select gen_random_uuid(), r."trialId", bell."jobId", r.fence, 'dispatched', bell.queue from raised r, bell
  returning id, "trialId", fence)
select made.id, made.fence from made join raised using ("trialId") order by raised.nth`,
);
