import type { CreateExperiment, Grid } from '#contracts/grid.js';
import { Addresses, type GivenInput } from './addresses.js';
import { expandGrid } from './expand-grid.js';
import { GridError } from './grid-error.js';
import { Issues } from './issues.js';
import { planTrials } from './plan-trials.js';
import type { Plan, PlannedCell, ResolvedCell, ResolvedGrids } from './planned.js';
import { repeats } from './repeats.js';
import { crossesBaselines, suiteOf, withSuite } from './suite.js';
import { trialKey } from './trial-key.js';

export const mostCells = 100_000;

/** The grid expanded: every cell fully resolved and checked, and the trials they need. Throws GridError with
 *  all that is wrong (each message once), before anything was done. Sizes are checked before a cell is made.
 */
export function expand(experiment: CreateExperiment, cap = mostCells): Plan {
  const work = expanding(experiment, cap);
  for (;;) {
    const piece = work.next();
    if (piece.done) return piece.value;
  }
}

/** expand() piece by piece, a cell or a trial each: a hundred thousand take seconds, and a server has others
 *  to answer meanwhile. */
export function* expanding(experiment: CreateExperiment, cap = mostCells): Generator<void, Plan> {
  return yield* planning(yield* expandingCells(experiment, cap), experiment.inputs);
}

/** The trials of these cells, by the content of the files and folders that they name. */
export function* planning(
  { cells, grids }: ResolvedGrids,
  inputs: readonly GivenInput[],
): Generator<void, Plan> {
  const addresses = new Addresses(inputs);
  const planned: PlannedCell[] = [];
  for (const cell of cells) {
    yield;
    planned.push({ ...cell, trialKey: trialKey(addresses.addressed(cell.config)) });
  }
  return {
    cells: planned,
    trials: yield* planTrials(planned, addresses),
    grids,
    warnings: repeats(planned, grids),
  };
}

/** The grids' cells alone, which say what files and folders they name. */
export function* expandingCells(
  experiment: CreateExperiment,
  cap = mostCells,
): Generator<void, ResolvedGrids> {
  const sizes = experiment.grids.map(gridSize);
  const total = sizes.reduce((a, b) => a + b, 0);
  if (total > cap) {
    const largest = sizes.indexOf(Math.max(...sizes));
    throw new GridError([
      {
        path: `grids[${largest}].grid`,
        message: `the experiment has ${total} cells; at most ${cap} are allowed`,
      },
    ]);
  }
  const issues = new Issues();
  const names = experiment.grids.map((g) => g.name);
  const twice = names.find((n, i) => names.indexOf(n) !== i);
  if (twice) issues.note(`grids[${names.lastIndexOf(twice)}].name`, `"${twice}" is the name of two grids`);
  const cells: ResolvedCell[] = [];
  const grids: ResolvedGrids['grids'] = [];
  for (const [i, grid] of experiment.grids.entries()) {
    const expanded = yield* expandGrid(grid, `grids[${i}]`, issues);
    for (const cell of expanded.cells) cells.push(cell);
    grids.push({ name: grid.name, rules: expanded.rules, requires: grid.requires ?? [] });
  }
  if (issues.all.length) throw new GridError(issues.all);
  return { cells, grids };
}

/** Cells before `exclude`. A baseline with a seed of its own is one cell, or one for each task of a suite. */
function gridSize(given: Grid): number {
  const { grid, baselines } = withSuite(given);
  const sizeOf = (axes: [string, unknown[]][]) => axes.reduce((n, [, values]) => n * values.length, 1);
  const axes = Object.entries(grid);
  return baselines.reduce((n, baseline) => {
    return n + sizeOf(axes.filter(([knob]) => crossesBaselines(suiteOf(given), knob, baseline)));
  }, sizeOf(axes));
}
