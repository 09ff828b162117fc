/** Cells into a table of means over seeds and draws. Pure, and the same in the terminal and in the browser.
 *  It drops nothing and averages over nothing but replicates: an axis that varies and was placed nowhere
 *  becomes a row axis, and the table says so. */
import type { CellView } from '#contracts/experiment.js';
import { isReplicate, type Point } from '#contracts/grid.js';
import { baselineLabel, canonical, inOrder, type AxisValue } from './axis-values.js';
import { grouped } from './grouped.js';
import { axesOf, gridAxis, type Layout } from './layout.js';
import { inReferenceOrder, referencesBeside } from './metrics.js';
import { type Mixed, mixedData, mixedProvenance } from './provenance.js';
import { type SuiteMeans, suiteMeans } from './suite-means.js';
import { type Group, summariseGroup } from './summarise-group.js';

export interface Row {
  values: AxisValue[]; // one for each of Table.rows
  groups: (Group | null)[]; // one for each of Table.columns; null: the grid has no such cell
}

export interface Baseline {
  label: string;
  grid: string;
  group: Group; // holds for every column: a baseline crosses with seeds only
}

/** A score without training. It may differ between cells (another backbone, another task): then min < max. */
export interface Reference {
  name: string;
  min: number;
  max: number;
}

export interface Table {
  metric: string;
  rows: string[]; // axes, the added ones last
  cols: string[];
  added: string[]; // axes that vary and that nobody placed
  columns: AxisValue[][]; // one for each of cols; one empty entry where there are none
  body: Row[];
  baselines: Baseline[];
  references: Reference[];
  cells: number; // all of them
  // what differs in who computed the table's numbers, and tasks that were scored on different examples
  mixed: Mixed[];
  suite: SuiteMeans | null; // where the tasks of a benchmark are an axis
  remarks: string[]; // of who asked for the table: they come before its own notes
}

export interface PivotOptions extends Layout {
  metric: string;
  remarks?: string[];
  axes?: ReadonlyMap<string, number>; // of the cells, where they are known already
}

/** Throws RangeError where an axis does not exist or is placed twice. */
export function pivot(cells: readonly CellView[], options: PivotOptions): Table {
  const { rows, cols, metric, remarks = [], axes = axesOf(cells) } = options;
  checkPlaced([...rows, ...cols], axes);
  const added = [...axes].flatMap(([a, size]) =>
    size > 1 && !isReplicate(a) && !rows.includes(a) && !cols.includes(a) ? [a] : [],
  );
  const down = [...rows, ...added];
  const placed = [...down, ...cols];
  const grid = cells.filter((c) => !c.baseline);
  const groups = grouped(grid, (c) => keyOf(c, placed));
  const firsts = [...groups.values()].map(([first]) => first!); // every combination that occurs, in order
  const columns = distinct(firsts, cols);
  return {
    metric,
    rows: down,
    cols,
    added,
    columns: columns.length ? columns : [[]],
    body: distinct(firsts, down).map((values) => ({
      values,
      groups: columns.map((column) => {
        const members = groups.get([...values, ...column].map(canonical).join('\u0000'));
        return members ? summariseGroup(members, metric) : null;
      }),
    })),
    baselines: baselinesOf(cells, metric),
    references: referencesOf(cells, metric),
    cells: cells.length,
    mixed: [...mixedProvenance(cells), ...mixedData(cells)],
    suite: suiteMeans(cells, metric),
    remarks,
  };
}

function checkPlaced(placed: string[], axes: ReadonlyMap<string, number>): void {
  const twice = placed.find((axis, i) => placed.indexOf(axis) !== i);
  if (twice) throw new RangeError(`axis "${twice}" is placed twice; an axis is a row or a column`);
  const unknown = placed.find((axis) => !axes.has(axis) && axis !== gridAxis);
  if (unknown)
    throw new RangeError(
      `no axis "${unknown}"; this experiment has ${[...axes.keys()].join(', ') || 'none'}`,
    );
}

function baselinesOf(cells: readonly CellView[], metric: string): Baseline[] {
  const groups = grouped(
    cells.filter((c) => c.baseline),
    (c) => `${c.grid}\u0000${canonical(withoutReplicates(c.point))}`,
  );
  return [...groups.values()].map((members) => {
    const { grid, point } = members[0]!;
    return { label: baselineLabel(point), grid, group: summariseGroup(members, metric) };
  });
}

/** Cells of one baseline differ in these alone. */
const withoutReplicates = (point: Point): Point =>
  Object.fromEntries(Object.entries(point).filter(([axis]) => !isReplicate(axis)));

function referencesOf(cells: readonly CellView[], metric: string): Reference[] {
  const found = new Map<string, Reference>();
  const seen = new Set<object>(); // many trials have the same
  for (const { summary } of cells) {
    const beside = summary && referencesBeside(summary, metric);
    if (!beside || seen.has(beside)) continue;
    seen.add(beside);
    for (const [name, value] of Object.entries(beside)) {
      const { min, max } = found.get(name) ?? { min: value, max: value };
      found.set(name, { name, min: Math.min(min, value), max: Math.max(max, value) });
    }
  }
  return Object.values(inReferenceOrder(Object.fromEntries(found)));
}

/** The combinations of these axes' values that occur. */
function distinct(grid: readonly CellView[], axes: string[]): AxisValue[][] {
  const first = grouped(grid, (c) => keyOf(c, axes));
  const found = [...first.values()].map((members) => axes.map((axis) => valueOf(members[0]!, axis)));
  return inOrder(found, (values) => values);
}

function valueOf(cell: CellView, axis: string): AxisValue {
  return axis === gridAxis ? cell.grid : cell.point[axis];
}

function keyOf(cell: CellView, axes: string[]): string {
  return axes.map((axis) => canonical(valueOf(cell, axis))).join('\u0000');
}
