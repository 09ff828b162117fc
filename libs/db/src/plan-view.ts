import type { PlannedSplits, PlanView, PlanWarning } from '#contracts/experiment.js';
import { planGrids } from '#planner/plan-grids.js';
import type { Plan } from '#planner/planned.js';
import type { Database } from './database.js';

/** What is known of the data that a plan names: split sizes by the grid's name. */
export interface DataFacts {
  splits: ReadonlyMap<string, PlannedSplits[]>;
  warnings: PlanWarning[];
}

const unknownData: DataFacts = { splits: new Map(), warnings: [] };

/** What submitting the plan would do, without doing it. The estimate takes each new trial's steps at the mean step time of measured trials of
 *  the same stage on the same backbone; null where some new trial has no such relative. */
export async function planView(db: Database, plan: Plan, { splits, warnings } = unknownData): Promise<PlanView> {
  const { trials } = plan;
  const { rows } = await db.pool.query<{ reused: number; seconds: number | null; unknown: number }>(
    `with planned as (select * from unnest($1::text[], $2::text[], $3::text[], $4::int[]) u(key, stage, "backboneKey", steps)),
     pace as (select stage, "backboneKey", avg("stepMs") ms from "Trial" where "stepMs" is not null
              and "backboneKey" in (select "backboneKey" from planned) group by 1, 2),
     known as (select key from "Trial" where key in (select key from planned)
               and (state not in ('failed', 'cancelled') or cause in ('diverged', 'invalid')))
     select (select count(*)::int from known) reused, sum(p.steps * pace.ms) / 1000 seconds, count(*) filter (where pace.ms is null)::int unknown
     from planned p left join pace using (stage, "backboneKey") where p.key not in (select key from known)`,
    [trials.map((t) => t.key), trials.map((t) => t.config.stage), trials.map((t) => t.backboneKey), trials.map((t) => t.steps)],
  );
  const { reused, seconds, unknown } = rows[0]!;
  return {
    ...planCounts(plan, { splits, warnings }),
    reused,
    estimatedSeconds: unknown > 0 ? null : (seconds ?? 0),
  };
}

/** What a plan amounts to, whatever is known of its trials. */
export function planCounts(plan: Plan, { splits, warnings } = unknownData): Omit<PlanView, 'reused' | 'estimatedSeconds'> {
  const stages = { pretrain: 0, adapt: 0, tune: 0 };
  for (const t of plan.trials) stages[t.config.stage]++;
  const grids = planGrids(plan).map((grid) => ({ ...grid, splits: splits.get(grid.name) ?? [] }));
  return { cells: plan.cells.length, trials: plan.trials.length, stages, grids, warnings };
}
