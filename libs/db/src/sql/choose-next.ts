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

/** Chooses trials for $1 jobs of at most $2 members and gives each a new attempt, in the order of the jobs'
 *  turns. */
export const chooseNext = statement(
  'choose-next',
  Chosen,
  `
with wanted as (
  -- Each active experiment's next ones are enough: gang-mates stand side by side in its order.
  select distinct on (next.id) next.*, e.owner, e.priority, e."createdAt", e.id "experimentId"
  from "Experiment" e, lateral (
    select t.id, case when t.crashes = 0 then t."gangKey" end "gangKey", et.position
    from "ExperimentTrial" et join "Trial" t on t.id = et."trialId"
    where et."experimentId" = e.id and et.ready order by et.position limit $1::int * $2::int) next
  where e.state = 'active' order by next.id, e.priority desc, e."createdAt", e.id),
busy as (
  -- Nobody waits for a turn where there is one owner.
  select e.owner, count(distinct a."trialId") n
  from "Attempt" a join "ExperimentTrial" et on et."trialId" = a."trialId" join "Experiment" e on e.id = et."experimentId"
  where a.state in ('dispatched', 'running') and e.state = 'active' and (select count(distinct owner) > 1 from wanted)
  group by e.owner),
ordered as (
  select *, row_number() over (order by priority desc, "createdAt", "experimentId", position) place from wanted),
ganged as (
  select *, coalesce("gangKey", id::text) || '/' || (row_number() over (
      partition by priority, owner, "gangKey", case when "gangKey" is null then id end order by place) - 1) / $2::int gang
  from ordered),
gangs as (
  select owner, priority, gang, min(place) place, count(*) members from ganged group by owner, priority, gang),
fair as (
  select g.*, coalesce(busy.n, 0) + sum(members) over (partition by g.owner, priority order by place) - members ahead
  from gangs g left join busy on busy.owner = g.owner),
chosen as (
  select gen_random_uuid() "jobId", row_number() over (order by priority desc, ahead, place) turn, owner, priority, gang
  from (select * from fair order by priority desc, ahead, place limit $1::int) f),
raised as (
  update "Trial" t set state = 'dispatched', fence = t.fence + 1, note = null
  from ganged g join chosen c using (owner, priority, gang) where t.id = g.id and t.state = 'ready'
  returning t.id "trialId", t.fence, t.step, t.steps, c."jobId", c.turn, g.place),
made as (
  insert into "Attempt" (id, "trialId", "jobId", fence, state)
  select gen_random_uuid(), "trialId", "jobId", fence, 'dispatched' from raised
  returning id, "trialId", "jobId", fence)
select made.*, raised.step, raised.steps from made join raised using ("trialId") order by raised.turn, raised.place`,
);
