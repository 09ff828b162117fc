-- Cells of experiment $1 from place $2 on, at most $3 of them. Absent filters are null: grids $4, states $5, trials that
-- an event behind $6 tells of. The comment "conditions" stands for what is asked of the config, from $7 on.
-- Each cell's trial is looked up by its id, whatever the planner believes of tables that were filled a moment ago.
with changed as materialized (
  select distinct e."trialId" from "Event" e where $6::bigint is not null and e.id > $6 and e.payload ->> 'type' = 'trial'),
alive as materialized (
  select (count(*) filter (where fault is null))::int workers, min(fault) fault from "Worker"
  where "seenAt" > now() - interval '20 seconds')
select c.id, c.grid, c.index, c.position, c.point::text point, c.baseline, c.reused, t."stepMs", t.summary::text summary, alive.workers, alive.fault,
  x.state = 'paused' and not exists (
    select from "ExperimentTrial" et join "Experiment" other on other.id = et."experimentId"
    where x.state = 'paused' and et."trialId" = c."trialId" and other.state = 'active') paused,
  t.id "trialId", t.state, t.step, t.steps, t.cause, t.message, t.note, t."cancelRequested", a.worker, w.awaited
from "Cell" c
join "Experiment" x on x.id = c."experimentId"
cross join alive
cross join lateral (select * from "Trial" t where t.id = c."trialId" offset 0) t
left join "Attempt" a on a."trialId" = t.id and a.state = 'running'
left join lateral (
  select json_build_object('trialId', p.id, 'stage', p.stage, 'state', p.state, 'wanted', d.step, 'step', p.step,
    'steps', p.steps) awaited
  from "Dependency" d join "Trial" p on p.id = d."dependsOnId"
  where d."trialId" = t.id and not exists (
    select from "Checkpoint" k
    where k."trialId" = d."dependsOnId" and k.kind = d.kind and (k.step = d.step or d.kind = 'adapter'))
  order by d.step limit 1) w on t.state = 'blocked'
where c."experimentId" = $1 and c.position >= $2
  and ($4::text[] is null or c.grid = any($4)) and ($5::text[] is null or t.state = any($5))
  and ($6::bigint is null or c."trialId" in (select "trialId" from changed))
  /*conditions*/
order by c.position limit $3
