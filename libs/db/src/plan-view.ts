import type { PlannedSplits, PlanView, PlanWarning } from '#contracts/experiment.js';
import { planGrids } from '#planner/plan-grids.js';
import type { Plan } from '#planner/planned.js';
import type { Database } from './database.js';
import { plannedTrials } from './sql/planned-trials.js';
import { only } from './statement.js';

/** What is known of the data that a plan names: split sizes by the grid's name. */
export interface DataFacts {
  splits: ReadonlyMap<string, PlannedSplits[]>;
  warnings: PlanWarning[];
}

const unknownData: DataFacts = { splits: new Map(), warnings: [] };

/** What submitting the plan would do, without doing it. The estimate is null where of some new trial no trial
 *  of its stage and backbone was measured. */
export async function planView(
  db: Database,
  plan: Plan,
  { splits, warnings } = unknownData,
): Promise<PlanView> {
  const { trials } = plan;
  const of = <T>(value: (trial: Plan['trials'][number]) => T): T[] => trials.map(value);
  const asked = [of((t) => t.key), of((t) => t.config.stage), of((t) => t.backboneKey), of((t) => t.steps)];
  const { reused, seconds, unknown } = only(await plannedTrials(db.pool, asked));
  return {
    ...planCounts(plan, { splits, warnings }),
    reused,
    estimatedSeconds: unknown > 0 ? null : (seconds ?? 0),
  };
}

/** What a plan amounts to, whatever is known of its trials. */
export function planCounts(
  plan: Plan,
  { splits, warnings } = unknownData,
): Omit<PlanView, 'reused' | 'estimatedSeconds'> {
  const stages = { pretrain: 0, adapt: 0, tune: 0, evaluate: 0 };
  for (const t of plan.trials) stages[t.config.stage]++;
  const grids = planGrids(plan).map((grid) => ({ ...grid, splits: splits.get(grid.name) ?? [] }));
  return { cells: plan.cells.length, trials: plan.trials.length, stages, grids, warnings };
}
