import { z } from 'zod';
import { ThinnedCurve } from '#contracts/tables.js';
import { statement } from '../statement.js';
import { fulfils } from './fulfils.js';

/** One metric ($4) of one split ($5) of the trials of experiment $1, each at its first cell, from place $2
 *  on, $3 trials. A curve has at most $6 points: its first, its last, and evenly chosen ones between. Grids
 *  $7, states $8 and conditions $9 (see fulfils) may be null. */
export const selectCurves = statement(
  'curves',
  z.object({ position: z.int(), curve: ThinnedCurve }),
  `
with page as materialized (
  select c.position, c.grid, c.index, c.point, c."trialId", t.state
  from "Cell" c cross join lateral (select * from "Trial" t where t.id = c."trialId" offset 0) t
  where c."experimentId" = $1 and c.position >= $2 and ($7::text[] is null or c.grid = any($7))
    and ($8::text[] is null or t.state = any($8))
    and exists (select from "Metric" m where m."trialId" = c."trialId" and m.name = $4 and m.split = $5)
    and not exists (
      select from "Cell" b where b."trialId" = c."trialId" and b."experimentId" = $1 and b.position < c.position)
    and ($9::jsonb is null or ${fulfils(9)})
  order by c.position limit $3)
select p.position, json_build_object('trialId', p."trialId", 'grid', p.grid, 'index', p.index, 'point', p.point,
  'state', p.state, 'measured', k.measured, 'steps', k.steps, 'values', k.values) curve
from page p cross join lateral (
  select max(n)::int measured, array_agg(step order by step) steps, array_agg(value order by step) "values"
  from (
    select step, value, row_number() over (order by step) - 1 i, count(*) over () n
    from "Metric" m where m."trialId" = p."trialId" and m.name = $4 and m.split = $5) m
  where n <= $6 or i = 0 or i * ($6::int - 1) / (n - 1) > (i - 1) * ($6::int - 1) / (n - 1)) k
order by p.position`,
);
