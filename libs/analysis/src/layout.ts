/** Which axes an experiment has and where they go in a table. */
import type { CellView } from '#contracts/experiment.js';
import { canonical } from './axis-values.js';

export interface Layout {
  rows: string[];
  cols: string[];
}

/** A pseudo-axis: which grid of the file a cell belongs to. No knob can be called so. */
export const gridAxis = 'grid';

/** Axes of the cells that are no baselines, in file order, with the number of values each takes; a missing knob is a value too. */
export function axesOf(cells: readonly CellView[]): Map<string, number> {
  const grid = cells.filter((c) => !c.baseline);
  const names = new Set(grid.flatMap((c) => Object.keys(c.point)));
  const sizes = new Map<string, number>();
  const grids = new Set(grid.map((c) => c.grid)).size;
  if (grids > 1) sizes.set(gridAxis, grids);
  for (const name of names) sizes.set(name, new Set(grid.map((c) => canonical(c.point[name]))).size);
  return sizes;
}

/** Of the axes that vary, seeds aside: the one with the fewest values, the last named among equals, across; the others down. */
export function defaultLayout(cells: readonly CellView[]): Layout {
  const varying = [...axesOf(cells)].filter(([axis, size]) => axis !== 'seed' && size > 1);
  const across = varying.toReversed().toSorted((a, b) => a[1] - b[1])[0];
  const wide = varying.length > 1 && across && across[0] !== gridAxis && across[1] <= 8;
  const cols = wide ? [across[0]] : [];
  return { rows: varying.map(([axis]) => axis).filter((axis) => !cols.includes(axis)), cols };
}
