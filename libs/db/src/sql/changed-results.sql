-- Of the trials of experiment $1 those that an event behind $2, up to $3, tells of, as they are now.
with told as materialized (
  select distinct e."trialId" from "Event" e where e.id > $2 and e.id <= $3 and e.payload ->> 'type' = 'trial')
select t.id "trialId", t.state, t.step, t.steps, t.cause, t.message, t.summary::text summary
from told
join "ExperimentTrial" et on et."experimentId" = $1 and et."trialId" = told."trialId"
cross join lateral (select * from "Trial" t where t.id = told."trialId" offset 0) t
