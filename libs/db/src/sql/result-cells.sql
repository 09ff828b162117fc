-- What a table reads of the cells of experiment $1, from place $2 on, $3 of them; without what its numbers do not need.
with page as materialized (
  select c.* from "Cell" c where c."experimentId" = $1 and c.position >= $2 order by c.position limit $3)
select c.id, c.grid, c.index, c.position, c.point, c.baseline, c.reused, c."trialId",
  t.state, t.step, t.steps, t.cause, t.message, t.summary::text summary
from page c cross join lateral (select * from "Trial" t where t.id = c."trialId" offset 0) t
order by c.position
