import { z } from 'zod';
import { Point } from '#contracts/grid.js';
import { statement, Uuid } from '../statement.js';

const Found = z.object({
  rank: z.int(), // 0: the cell is called so; 1: its trial is; 2: a trial that no cell shows
  trialId: Uuid,
  experimentId: Uuid,
  name: z.string(), // of the experiment
  id: Uuid.nullable(), // of the cell
  grid: z.string().nullable(),
  index: z.int().nullable(),
  point: Point.nullable(),
});

/** Cells with ids from $1 to $2, or of grid $3 with index $4; cells of trials with such ids; and such trials
 *  that no cell shows. The newest experiments first, at most $5. */
export const findTrials = statement(
  'find-trials',
  Found,
  `
with found as (
  select 0 rank, c."trialId", c."experimentId", c.id, c.grid, c.index, c.point from "Cell" c where c.id between $1 and $2
  union all
  select 0, c."trialId", c."experimentId", c.id, c.grid, c.index, c.point
  from "Experiment" e join "Cell" c on c."experimentId" = e.id and c.grid = $3 and c.index = $4
  union all
  select 1, c."trialId", c."experimentId", c.id, c.grid, c.index, c.point from "Cell" c where c."trialId" between $1 and $2
  union all
  select 2, et."trialId", et."experimentId", null, null, null, null from "ExperimentTrial" et
  where et."trialId" between $1 and $2 and not exists (
    select from "Cell" c where c."experimentId" = et."experimentId" and c."trialId" = et."trialId"))
select found.*, e.name from found join "Experiment" e on e.id = found."experimentId"
order by found.rank = 2, e."createdAt" desc, e.id, found.rank, found.index limit $5`,
);
