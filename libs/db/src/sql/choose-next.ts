import { z } from 'zod';
import { statement, Uuid } from '../statement.js';

const Chosen = z.object({
  id: Uuid, // of the attempt
  jobId: Uuid,
  fence: z.int(),
  trialId: Uuid,
  step: z.int(),
  steps: z.int(),
});
export type Chosen = z.infer<typeof Chosen>;

/** Chooses trials for $1 jobs that workers with labels $2 may train, and gives each a new attempt in queue
 *  $3, in the order of their turns. Among equal priorities those that require labels come first: other
 *  workers may have the rest. */
export const chooseNext = statement(
  'choose-next',
  Chosen,
  `
with wanted as (
  -- Each active experiment's next ones are enough.
  select distinct on (next.id) next.*, e.owner, e.priority, e."createdAt", e.id "experimentId"
  from "Experiment" e, unnest(e.requirements) needs, lateral (
    select et."trialId" id, et.position, et.requires <> '' special from "ExperimentTrial" et
    where et."experimentId" = e.id and et.requires = needs and et.ready order by et.position limit $1::int) next
  where e.state = 'active' and (needs = '' or string_to_array(needs, ',') <@ $2::text[])
  order by next.id, e.priority desc, e."createdAt", e.id),
busy as (
  -- Nobody waits for a turn where there is one owner.
  select e.owner, count(distinct a."trialId") n
  from "Attempt" a join "ExperimentTrial" et on et."trialId" = a."trialId" join "Experiment" e on e.id = et."experimentId"
  where a.state in ('dispatched', 'running') and e.state = 'active' and (select count(distinct owner) > 1 from wanted)
  group by e.owner),
ordered as (
  select *, row_number() over (order by priority desc, "createdAt", "experimentId", position) place from wanted),
fair as (
  select o.*, coalesce(busy.n, 0) + row_number() over (partition by o.owner, priority order by place) ahead
  from ordered o left join busy on busy.owner = o.owner),
chosen as (
  select id, gen_random_uuid() "jobId", row_number() over (order by priority desc, special desc, ahead, place) turn
  from (select * from fair order by priority desc, special desc, ahead, place limit $1::int) f),
raised as (
  update "Trial" t set state = 'dispatched', fence = t.fence + 1, note = null
  from chosen c where t.id = c.id and t.state = 'ready'
  returning t.id "trialId", t.fence, t.step, t.steps, c."jobId", c.turn),
made as (
  insert into "Attempt" (id, "trialId", "jobId", fence, state, queue)
  select gen_random_uuid(), "trialId", "jobId", fence, 'dispatched', $3 from raised
  returning id, "trialId", "jobId", fence)
select made.*, raised.step, raised.steps from made join raised using ("trialId") order by raised.turn`,
);
