import { z } from 'zod';
import { CellView } from '#contracts/experiment.js';
import { TrialState } from '#contracts/trial.js';
import { statement, Uuid } from '../statement.js';

/** What a trial amounts to. */
export const TrialResult = z.object({
  trialId: Uuid,
  state: TrialState,
  step: z.int(),
  steps: z.int(),
  cause: z.string().nullable(),
  message: z.string().nullable(),
  summary: z.string().nullable(), // JSON
});
export type TrialResult = z.infer<typeof TrialResult>;

const shown = { id: true, grid: true, index: true, point: true, baseline: true, reused: true } as const;
const ResultCell = CellView.pick(shown).extend({ ...TrialResult.shape, position: z.int() });
export type ResultCell = z.infer<typeof ResultCell>;

/** What a table reads of the cells of experiment $1, from place $2 on, $3 of them. */
export const selectResultCells = statement(
  'result-cells',
  ResultCell,
  `
with page as materialized (
  select c.* from "Cell" c where c."experimentId" = $1 and c.position >= $2 order by c.position limit $3)
select c.id, c.grid, c.index, c.position, c.point, c.baseline, c.reused, c."trialId",
  t.state, t.step, t.steps, t.cause, t.message, t.summary::text summary
from page c cross join lateral (select * from "Trial" t where t.id = c."trialId" offset 0) t
order by c.position`,
);

/** Of the trials of experiment $1 those that an event behind $2, up to $3, tells of, as they are now. */
export const selectChangedResults = statement(
  'changed-results',
  TrialResult,
  `
with told as materialized (
  select distinct e."trialId" from "Event" e where e.id > $2 and e.id <= $3 and e.payload ->> 'type' = 'trial')
select t.id "trialId", t.state, t.step, t.steps, t.cause, t.message, t.summary::text summary
from told
join "ExperimentTrial" et on et."experimentId" = $1 and et."trialId" = told."trialId"
cross join lateral (select * from "Trial" t where t.id = told."trialId" offset 0) t`,
);
