import { z } from 'zod';
import { statement } from '../statement.js';
import { met } from './met.js';
import { staffed } from './staffed.js';
import { StoryRow } from './story-row.js';

const PlacedStory = StoryRow.extend({
  workers: z.int(), // alive and sound
  fault: z.string().nullable(), // of an alive worker's machine
  paused: z.boolean(), // no active experiment wants it
  lacking: z.string().nullable(), // the labels that it requires, where no worker has them all
  ahead: z.int().nullable(), // ready trials that are dispatched before it
});

/** Why trial $1 is as it is: its own row, what it waits for, and how many ready trials are dispatched before
 *  it, as far as priorities and ages say; fairness between owners may change that. */
export const selectTrialStory = statement(
  'trial-story',
  PlacedStory,
  `
with alive as materialized (
  select (count(*) filter (where fault is null))::int workers, min(fault) fault from "Worker"
  where "seenAt" > now() - interval '20 seconds'),
own as materialized (
  select x.priority, x."createdAt", x.id, et.position, et.requires
  from "ExperimentTrial" et join "Experiment" x on x.id = et."experimentId"
  where et."trialId" = $1 and x.state = 'active'
  order by x.priority desc, x."createdAt", x.id limit 1)
select t.id "trialId", t.state, t.step, t.steps, t.cause, t.message, t.note, t."cancelRequested", a.worker, w.awaited,
  alive.workers, alive.fault, not exists (select from own) paused,
  case when t.state = 'ready' then (select own.requires from own where not ${staffed('own.requires')}) end lacking,
  case when t.state = 'ready' then (
    select count(distinct et."trialId") from own
    join "Experiment" x on x.state = 'active' and (-x.priority, x."createdAt", x.id) <= (-own.priority, own."createdAt", own.id)
    join "ExperimentTrial" et on et."experimentId" = x.id
      and (-x.priority, x."createdAt", x.id, et.position) < (-own.priority, own."createdAt", own.id, own.position)
    join "Trial" other on other.id = et."trialId" and other.state = 'ready')::int end ahead
from "Trial" t
cross join alive
left join "Attempt" a on a."trialId" = t.id and a.state = 'running'
left join lateral (
  select json_build_object('trialId', p.id, 'stage', p.stage, 'state', p.state, 'wanted', d.step, 'step', p.step,
    'steps', p.steps) awaited
  from "Dependency" d join "Trial" p on p.id = d."dependsOnId"
  where d."trialId" = t.id and not ${met}
  order by d.step limit 1) w on t.state = 'blocked'
where t.id = $1`,
);
