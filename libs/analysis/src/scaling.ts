/** A metric against one numeric axis, for a figure: a line for each combination of the other axes. */
import type { CellView } from '#contracts/experiment.js';
import { isReplicate } from '#contracts/grid.js';
import type { AxisValue } from './axis-values.js';
import { checkMetric, chosenGrids, ofSplit, type Asked } from './grid-tables.js';
import { axesOf, gridAxis } from './layout.js';
import { defaultMetric } from './metrics.js';
import { pivot } from './pivot.js';
import type { Replicate } from './statistics.js';
import type { Group } from './summarise-group.js';
import type { TidyTable } from './tidy-table.js';

export interface Measured {
  mean: number;
  sd: number | null; // null: one seed
  halfWidth: number | null;
  low: number | null;
  high: number | null;
  n: number;
  cells: number; // that should be there
  values: Replicate[];
  // how many examples of the split the values were measured on; several where seeds differ
  examples: number[];
  references: Record<string, number>;
}

export interface ScalingLine {
  at: Record<string, AxisValue>; // the other axes that vary
  points: ({ x: number } & Measured)[]; // ascending; only where something is measured
}

export interface Scaling {
  grid: string;
  axis: string;
  metric: string;
  lines: ScalingLine[];
  baselines: ({ label: string } & Measured)[];
}

export type ScalingAsked = Pick<Asked, 'grids' | 'metric' | 'split'> & { axis: string };

/** One for each grid that has the axis. Throws RangeError, which lists what there is, for a grid, axis or
 *  metric that does not exist, and for an axis that holds no numbers. */
export function scalings(all: readonly CellView[], { grids, axis, metric, split }: ScalingAsked): Scaling[] {
  const cells = chosenGrids(all, grids);
  checkMetric(cells, ofSplit(metric, split));
  const numeric = new Map(
    [...new Set(cells.map((c) => c.grid))].map((grid) => [grid, numericAxes(ofGrid(cells, grid))]),
  );
  const fitting = [...numeric].flatMap(([grid, axes]) => (axes.includes(axis) ? [grid] : []));
  if (fitting.length === 0) throw new RangeError(`no axis of numbers "${axis}"; ${axesText(numeric)}`);
  return fitting.map((grid) => {
    const own = ofGrid(cells, grid);
    return scalingOf(own, { grid, axis, metric: ofSplit(metric ?? defaultMetric(own), split) });
  });
}

const ofGrid = (cells: readonly CellView[], grid: string): CellView[] => cells.filter((c) => c.grid === grid);

function axesText(numeric: ReadonlyMap<string, readonly string[]>): string {
  const texts = [...numeric].map(([grid, axes]) => `${grid} has ${axes.join(', ') || 'none'}`);
  return texts.join('; ') || 'there is no cell';
}

/** Axes, replicates aside, that vary and hold numbers wherever they are set. */
export function numericAxes(cells: readonly CellView[]): string[] {
  const isNumeric = (axis: string) =>
    cells.every((c) => c.baseline || c.point[axis] === undefined || typeof c.point[axis] === 'number');
  return [...axesOf(cells)].flatMap(([axis, size]) =>
    size > 1 && !isReplicate(axis) && axis !== gridAxis && isNumeric(axis) ? [axis] : [],
  );
}

function scalingOf(
  cells: readonly CellView[],
  place: { grid: string; axis: string; metric: string },
): Scaling {
  const { axis, metric } = place;
  const others = [...axesOf(cells)].flatMap(([a, size]) =>
    size > 1 && !isReplicate(a) && a !== axis ? [a] : [],
  );
  const { columns, body, baselines } = pivot(cells, { rows: [axis], cols: others, metric });
  const lines = columns.map((values, i): ScalingLine => {
    const points = body.flatMap(({ values: [x], groups }) => {
      const measured = measuredOf(groups[i] ?? null);
      return measured && typeof x === 'number' ? [{ x, ...measured }] : [];
    });
    return { at: Object.fromEntries(others.map((other, k) => [other, values[k]])), points };
  });
  const below = baselines.flatMap(({ label, group }) => {
    const measured = measuredOf(group);
    return measured ? [{ label, ...measured }] : [];
  });
  return { ...place, lines, baselines: below };
}

function measuredOf(group: Group | null): Measured | null {
  if (!group?.estimate) return null;
  const { mean, sd, halfWidth, low, high, n } = group.estimate;
  const examples = group.measuredOn.map((text) => Number(text.split(' = ')[1]));
  return {
    mean,
    sd,
    halfWidth,
    low,
    high,
    n,
    cells: group.cells,
    values: group.values,
    examples,
    references: group.references,
  };
}

/** One line for each point. */
export function tidyScaling(all: readonly Scaling[]): TidyTable {
  const axes = [...new Set(all.flatMap(({ lines }) => lines.flatMap(({ at }) => Object.keys(at))))];
  const x = all[0]?.axis ?? 'x';
  const columns = [
    'grid',
    x,
    ...axes,
    'baseline',
    'metric',
    'mean',
    'sd',
    'low_95',
    'high_95',
    'n',
    'cells',
    'examples',
  ];
  const lines = all.flatMap(({ grid, metric, lines, baselines }) => [
    ...lines.flatMap(({ at, points }) =>
      points.map((p) => [grid, p.x, ...axes.map((axis) => at[axis]), '', metric, ...numbersOf(p)]),
    ),
    ...baselines.map((b) => [grid, null, ...axes.map(() => null), b.label, metric, ...numbersOf(b)]),
  ]);
  return { columns, lines };
}

function numbersOf({ mean, sd, low, high, n, cells, examples }: Measured): TidyTable['lines'][number] {
  return [mean, sd, low, high, n, cells, examples.join(' or ')];
}
