import { z } from 'zod';
import { CellView } from '#contracts/experiment.js';
import { statement } from '../statement.js';
import { fulfils } from './fulfils.js';
import { met } from './met.js';
import { staffed } from './staffed.js';
import { StoryRow } from './story-row.js';

const shown = { id: true, grid: true, index: true, baseline: true, reused: true, stepMs: true } as const;

const PageRow = CellView.pick(shown).extend({
  ...StoryRow.shape,
  position: z.int(),
  point: z.string(), // JSON
  summary: z.string().nullable(), // JSON
  workers: z.int(), // alive and sound
  fault: z.string().nullable(), // of an alive worker's machine
  paused: z.boolean(), // with its experiment, and no other wants its trial
  lacking: z.string().nullable(), // the labels that it requires, where no worker has them all
});
export type PageRow = z.infer<typeof PageRow>;

/** Cells of experiment $1 from place $2 on, at most $3 of them. Absent filters are null: grids $4, trials
 *  that an event behind $5 tells of, conditions $6 (see fulfils), states $7. The page is cut before its
 *  trials are looked up, each by its id: the planner knows nothing yet of rows that were written a moment
 *  ago. */
export const selectCellsPage = statement(
  'cells-page',
  PageRow,
  `
with changed as materialized (
  select distinct e."trialId" from "Event" e where $5::bigint is not null and e.id > $5 and e.payload ->> 'type' = 'trial'),
page as materialized (
  select c.* from "Cell" c
  where c."experimentId" = $1 and c.position >= $2 and ($4::text[] is null or c.grid = any($4))
    and ($5::bigint is null or c."trialId" in (select "trialId" from changed))
    and ($6::jsonb is null and $7::text[] is null or exists (
      select from "Trial" t where t.id = c."trialId" and ($7::text[] is null or t.state = any($7)) and ${fulfils(6)}))
  order by c.position limit $3),
alive as materialized (
  select (count(*) filter (where fault is null))::int workers, min(fault) fault from "Worker"
  where "seenAt" > now() - interval '20 seconds'),
own as materialized (select id, state from "Experiment" where id = $1)
select c.id, c.grid, c.index, c.position, c.point::text point, c.baseline, c.reused, t."stepMs", t.summary::text summary,
  alive.workers, alive.fault, own.state = 'paused' and not exists (
    select from "ExperimentTrial" et join "Experiment" other on other.id = et."experimentId"
    where own.state = 'paused' and et."trialId" = c."trialId" and other.state = 'active') paused,
  case when t.state = 'ready' and not ${staffed('need.requires')} then need.requires end lacking,
  t.id "trialId", t.state, t.step, t.steps, t.cause, t.message, t.note, t."cancelRequested", a.worker, w.awaited
from page c
cross join own
cross join alive
join "ExperimentTrial" need on need."experimentId" = $1 and need."trialId" = c."trialId"
cross join lateral (select * from "Trial" t where t.id = c."trialId" offset 0) t
left join lateral (
  select worker from "Attempt" a where t.state = 'running' and a."trialId" = t.id and a.state = 'running' offset 0) a on true
left join lateral (
  select json_build_object('trialId', p.id, 'stage', p.stage, 'state', p.state, 'wanted', d.step, 'step', p.step,
    'steps', p.steps) awaited
  from "Dependency" d join "Trial" p on p.id = d."dependsOnId"
  where t.state = 'blocked' and d."trialId" = t.id and not ${met}
  order by d.step limit 1) w on true
order by c.position`,
);
