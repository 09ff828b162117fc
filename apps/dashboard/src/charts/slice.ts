import type { CellView } from '#contracts/experiment.js';
import { isReplicate } from '#contracts/grid.js';
import { canonical } from '#analysis/axis-values.js';
import { axesOf } from '#analysis/layout.js';
import { toldApart } from '#analysis/told-apart.js';

const mostLines = 8; // that can be told apart

/** Values by canonical text, with how they are written. */
export type SlicedAxes = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** The axes that a figure over `axis` holds at one value each, since there would be too many lines: the last
 *  ones first. */
export function slicedAxes(cells: readonly CellView[], axis: string): SlicedAxes {
  const others = [...axesOf(cells)].filter(([a, size]) => size > 1 && !isReplicate(a) && a !== axis);
  const sliced: string[] = [];
  let lines = others.reduce((product, [, size]) => product * size, 1);
  for (const [other, size] of others.toReversed()) {
    if (lines <= mostLines) break;
    sliced.push(other);
    lines /= size;
  }
  return new Map(sliced.map((a) => [a, valuesOf(cells, a)]));
}

/** The cells at the fixed values, an axis nobody fixed at its first; baselines always. */
export function sliceOf(
  cells: readonly CellView[],
  sliced: SlicedAxes,
  fixed: Record<string, string>,
): readonly CellView[] {
  if (sliced.size === 0) return cells;
  const wanted = [...sliced].map(
    ([axis, values]) => [axis, fixed[axis] ?? values.keys().next().value] as const,
  );
  return cells.filter(
    (c) => c.baseline || wanted.every(([axis, value]) => canonical(c.point[axis]) === value),
  );
}

function valuesOf(cells: readonly CellView[], axis: string): Map<string, string> {
  const grid = cells.filter((c) => !c.baseline);
  const apart = toldApart(grid.map(({ point }) => point[axis]));
  return new Map(grid.map(({ point }) => [canonical(point[axis]), apart(point[axis])]));
}
