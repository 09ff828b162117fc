/** Where in a grid something of a cell was given. */
import { type CreateExperiment, type Grid, isReplicate } from '#contracts/grid.js';
import { suiteKnob } from '#contracts/suites.js';
import { isWithin, sameValue } from './knobs.js';
import type { ResolvedCell } from './planned.js';
import { suiteOf } from './suite.js';

type Cell = Pick<ResolvedCell, 'point' | 'baseline' | 'when'>;

/** Where a cell's knob was given in what was submitted: "grids[0].grid.task.path[1]",
 *  "grids[0].backbone.folder", "grids[0].when[1].set.training.steps". */
export function placeOf({ grids }: CreateExperiment, cell: ResolvedCell, knob: string): string {
  const i = grids.findIndex((g) => g.name === cell.grid);
  return placeIn(grids[i]!, `grids[${i}]`, cell, knob);
}

/** The same within one grid. `where`: the grid's own place. */
export function placeIn(grid: Grid, where: string, cell: Cell, knob: string): string {
  const { grid: axes, when, baselines } = grid;
  const { point, baseline } = cell;
  const rule = cell.when.findLast((r) => giver(Object.keys(when[r]!.set), knob) !== undefined);
  if (rule !== undefined) return `${where}.when[${rule}].set.${knob}`;
  const base = { axes, where, isSuite: suiteOf(grid) !== undefined };
  if (!baseline) return axisPlace(base, point, knob);
  const b = baselines.findIndex((changes) =>
    Object.keys(changes).every((k) => k in point && sameValue(changes[k], point[k])),
  );
  const own = Object.keys(baselines[b] ?? {});
  if (giver(own, knob) !== undefined) return `${where}.baselines[${b}].${knob}`;
  const replicates = Object.entries(point).filter(([axis]) => isReplicate(axis) && !own.includes(axis));
  return axisPlace(base, Object.fromEntries(replicates), knob);
}

/** The innermost of these knobs that gives a value to `knob`. */
function giver(knobs: readonly string[], knob: string): string | undefined {
  return knobs
    .filter((k) => k === knob || isWithin(knob, k))
    .toSorted((a, b) => b.length - a.length)
    .at(0);
}

interface Base {
  axes: Grid['grid'];
  where: string;
  isSuite: boolean;
}

function axisPlace({ axes, where, isSuite }: Base, point: Cell['point'], knob: string): string {
  const axis = giver(Object.keys(axes).filter((a) => a in point), knob); // prettier-ignore
  if (axis !== undefined)
    return `${where}.grid.${axis}[${axes[axis]!.findIndex((value) => sameValue(value, point[axis]))}]`;
  return `${where}.${isSuite && (knob === 'task.name' || knob === suiteKnob) ? 'task.suite' : knob}`;
}
