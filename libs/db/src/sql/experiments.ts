import { z } from 'zod';
import { ExperimentView } from '#contracts/experiment.js';
import { TrialState } from '#contracts/trial.js';
import { statement } from '../statement.js';
import { openStates } from './open-states.js';

const ExperimentRow = ExperimentView.extend({
  trials: z.partialRecord(TrialState, z.int()), // states that no trial is in are left out
  createdAt: z.date(),
  finishedAt: z.date().nullable(),
});

/** The experiments of $1 (null: all), or those that $2 names or that begin with it, the newest first. Time
 *  left: the steps that are left at each trial's own pace, else at the mean of its stage and backbone in the
 *  experiment, else at the experiment's; shared out over the living slots. */
export const selectExperiments = statement(
  'experiments',
  ExperimentRow,
  `
with picked as materialized (
  select * from "Experiment"
  where ($1::uuid[] is null or id = any($1)) and ($2::text is null or name = $2 or starts_with(id::text, lower($2)))),
slots as (
  select greatest(1, sum(slots)) n from "Worker" where fault is null and "seenAt" > now() - interval '20 seconds'),
groups as materialized (
  select et."experimentId", t.stage, t."backboneKey", t.state, count(*)::int n,
    sum(t."stepMs") ms, count(t."stepMs") paced,
    sum((t.steps - t.step) * t."stepMs") own_ms,
    coalesce(sum(t.steps - t.step) filter (where t."stepMs" is null), 0) other_steps
  from "ExperimentTrial" et join "Trial" t on t.id = et."trialId"
  where et."experimentId" in (select id from picked) group by 1, 2, 3, 4),
paces as (
  select g.*,
    sum(ms) over near / nullif(sum(paced) over near, 0) near_ms, sum(ms) over whole / nullif(sum(paced) over whole, 0) mean_ms
  from groups g
  window near as (partition by "experimentId", stage, "backboneKey"), whole as (partition by "experimentId")),
by_state as (
  select "experimentId", state, sum(n) n,
    sum(coalesce(own_ms, 0) + other_steps * coalesce(near_ms, mean_ms))
      filter (where state in ${openStates}) ms
  from paces group by 1, 2),
sums as (
  select "experimentId", json_object_agg(state, n) trials, sum(ms) / 1000 seconds from by_state group by 1),
cells as (
  select "experimentId", count(*)::int cells, count(*) filter (where reused)::int reused from "Cell"
  where "experimentId" in (select id from picked) group by 1)
select p.id, p.name, p.state, p.priority, cells, s.trials, reused, p."createdAt", p."finishedAt",
  case when p.state in ('active', 'paused') then s.seconds / (select coalesce(n, 1) from slots) end "etaSeconds"
from picked p join sums s on s."experimentId" = p.id join cells c on c."experimentId" = p.id
order by p."createdAt" desc, p.id`,
);
