import type { CreateExperiment } from '#contracts/grid.js';
import type { DataFacts } from '#db/plan-view.js';
import { GridError } from '#planner/grid-error.js';
import { placeOf } from '#planner/places.js';
import type { Plan } from '#planner/planned.js';
import { dataIssues } from '#tasks/data-issues.js';

const largest = 32e6; // bytes; several times that in memory while its rows are looked at

/** Throws GridError where files that a plan names are not there, or do not fit their task; gives what they say where they do. Of files that are
 *  not on this machine nothing is said where data may lie on the workers'. */
export async function checkData(
  request: CreateExperiment,
  plan: Plan,
  { dataElsewhere }: { dataElsewhere: boolean },
): Promise<DataFacts> {
  const { refusals, warnings, splits } = await dataIssues(plan.cells, { elsewhere: dataElsewhere, largest });
  const placed = (issues: typeof refusals) =>
    issues.map(({ cell, knob, message }) => ({ path: placeOf(request, cell, knob), message }));
  if (refusals.length) throw new GridError(placed(refusals));
  return { splits, warnings: [...plan.warnings, ...placed(warnings)] };
}
