/** A table for each grid of an experiment, laid out as somebody asks. */
import type { CellView } from '#contracts/experiment.js';
import { axesOf, defaultLayout, type Layout } from './layout.js';
import { defaultMetric, metricsOf, readMetric } from './metrics.js';
import { pivot, type Table } from './pivot.js';

export interface Asked {
  grids?: readonly string[]; // absent: all
  rows?: readonly string[];
  cols?: readonly string[];
  metric?: string; // absent: of each grid its own
  split?: 'test' | 'validation'; // of the metric, which does not name one then; absent: test
}

/** Axes are placed in the grids that have them all; another grid is laid out as usual, with a remark. Throws
 *  RangeError, which lists what there is, for a grid or metric that does not exist, and for an axis that no
 *  grid has or that is placed twice. */
export function gridTables(all: readonly CellView[], asked: Asked): { grid: string; table: Table }[] {
  const cells = chosenGrids(all, asked.grids);
  checkMetric(cells, ofSplit(asked.metric, asked.split));
  const grids = [...new Set(cells.map((c) => c.grid))].map((grid) => ({
    grid,
    own: cells.filter((c) => c.grid === grid),
  }));
  const axes = new Map(grids.map(({ grid, own }) => [grid, axesOf(own)]));
  const placed = [...(asked.rows ?? []), ...(asked.cols ?? [])];
  checkAxes(placed, axes);
  const isComplete = (grid: string) => placed.every((axis) => axes.get(grid)!.has(axis));
  const anyComplete = grids.some(({ grid }) => isComplete(grid));
  if (placed.length && !anyComplete)
    throw new RangeError(`no grid has all of ${placed.join(', ')}; ${axesText(axes)}`);
  return grids.map(({ grid, own }) => {
    const metric = ofSplit(asked.metric ?? defaultMetric(own), asked.split);
    const known = axes.get(grid)!;
    if (isComplete(grid))
      return { grid, table: pivot(own, { ...layoutOf(known, asked), metric, axes: known }) };
    const lacks = placed.filter((axis) => !axes.get(grid)!.has(axis)).join(', ');
    const remarks = [`${grid} lacks the axis ${lacks}, and is laid out as usual.`];
    return { grid, table: pivot(own, { ...defaultLayout(known), metric, remarks, axes: known }) };
  });
}

/** The cells of these grids. Throws RangeError for a grid that there is not. */
export function chosenGrids(
  cells: readonly CellView[],
  grids: readonly string[] | undefined,
): readonly CellView[] {
  if (!grids) return cells;
  const known = [...new Set(cells.map((c) => c.grid))];
  const unknown = grids.find((grid) => !known.includes(grid));
  if (unknown !== undefined) throw new RangeError(`no grid "${unknown}"; there are ${known.join(', ')}`);
  return cells.filter((c) => grids.includes(c.grid));
}

/** A metric by the name that tables know it by: "accuracy" is of the test examples. Throws RangeError where
 *  it names another split. */
export function ofSplit<T extends string | undefined>(metric: T, split: Asked['split']): T | string {
  if (metric === undefined || split === undefined) return metric;
  const [, named, name = metric] = /^(test|validation)\.(.+)$/.exec(metric) ?? [];
  if (named !== undefined && named !== split)
    throw new RangeError(`metric "${metric}" is of ${named}, and ${split} is asked for`);
  return split === 'test' ? name : `${split}.${name}`;
}

/** While nothing is measured any name may become one. Throws RangeError for one that there is not. */
export function checkMetric(cells: readonly CellView[], metric: string | undefined): void {
  if (metric === undefined) return;
  const known = metricsOf(cells);
  if (known.length === 0) return;
  if (cells.some(({ summary }) => summary && readMetric(summary, metric) !== null)) return;
  throw new RangeError(`no metric "${metric}"; there are ${known.join(', ')}`);
}

type AxesByGrid = ReadonlyMap<string, ReadonlyMap<string, number>>;

function checkAxes(placed: readonly string[], axes: AxesByGrid): void {
  const twice = placed.find((axis, i) => placed.indexOf(axis) !== i);
  if (twice !== undefined)
    throw new RangeError(`axis "${twice}" is placed twice; an axis is a row or a column`);
  const unknown = placed.find((axis) => ![...axes.values()].some((own) => own.has(axis)));
  if (unknown !== undefined) throw new RangeError(`no axis "${unknown}"; ${axesText(axes)}`);
}

function axesText(axes: AxesByGrid): string {
  const texts = [...axes].map(([grid, own]) => `${grid} has ${[...own.keys()].join(', ') || 'no axis'}`);
  return texts.length ? texts.join('; ') : 'there is no cell';
}

function layoutOf(axes: ReadonlyMap<string, number>, { rows, cols }: Asked): Layout {
  const usual = defaultLayout(axes);
  return {
    rows: [...(rows ?? usual.rows.filter((axis) => !cols?.includes(axis)))],
    cols: [...(cols ?? (rows ? [] : usual.cols))],
  };
}
