/** Which axes an experiment has and where they go in a table. */
import type { CellView } from '#contracts/experiment.js';
import { isReplicate } from '#contracts/grid.js';
import { canonical } from './axis-values.js';

export interface Layout {
  rows: string[];
  cols: string[];
}

/** A pseudo-axis: which grid of the file a cell belongs to. No knob can be called so. */
export const gridAxis = 'grid';

/** Axes of the cells that are no baselines, in file order, with the number of values each takes; a missing
 *  knob is a value too. */
export function axesOf(cells: readonly CellView[]): Map<string, number> {
  const values = new Map<string, Set<string>>();
  const grids = new Set<string>();
  let count = 0;
  for (const { baseline, grid, point } of cells) {
    if (baseline) continue;
    count++;
    grids.add(grid);
    for (const name in point) {
      const known = values.get(name);
      if (known) known.add(canonical(point[name]));
      else values.set(name, new Set([...(count > 1 ? [canonical(undefined)] : []), canonical(point[name])]));
    }
  }
  const sizes = new Map<string, number>();
  if (grids.size > 1) sizes.set(gridAxis, grids.size);
  for (const [name, own] of values) {
    const isEverywhere = own.has(absent) || cells.every((c) => c.baseline || name in c.point);
    sizes.set(name, own.size + (isEverywhere ? 0 : 1));
  }
  return sizes;
}

const absent = canonical(undefined);

/** Of the axes that vary, replicates aside: the one with the fewest values, the last named among equals,
 *  across; the others down. */
export function defaultLayout(axes: ReadonlyMap<string, number>): Layout {
  const varying = [...axes].filter(([axis, size]) => !isReplicate(axis) && size > 1);
  const across = varying.toReversed().toSorted((a, b) => a[1] - b[1])[0];
  const wide = varying.length > 1 && across && across[0] !== gridAxis && across[1] <= 8;
  const cols = wide ? [across[0]] : [];
  return { rows: varying.map(([axis]) => axis).filter((axis) => !cols.includes(axis)), cols };
}
