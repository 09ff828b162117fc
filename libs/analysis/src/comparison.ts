/** What one knob does: values of an axis against one of them, paired by draw and seed. */
import type { CellView } from '#contracts/experiment.js';
import { isReplicate } from '#contracts/grid.js';
import { type AxisValue, canonical, inOrder } from './axis-values.js';
import { grouped } from './grouped.js';
import { axesOf } from './layout.js';
import { type Difference, estimate, type Estimate, pairedDifference } from './statistics.js';
import { type Group, summariseGroup } from './summarise-group.js';
import { toldApart } from './told-apart.js';

export interface Comparison {
  metric: string;
  axis: string;
  against: AxisValue;
  rows: string[]; // the other axes that vary
  others: Compared[]; // the axis's other values, in their order
}

export interface Compared {
  value: AxisValue;
  body: ComparedRow[];
  // over the rows' differences, each of them one value; null where no row has one
  mean: Estimate | null;
}

export interface ComparedRow {
  values: AxisValue[]; // one for each of Comparison.rows
  group: Group | null; // null: the grid has no such cell
  beside: Group | null; // of `against`
  difference: Difference | null; // of the metric, group - beside; null where no draw and seed is in both
}

export interface CompareOptions {
  metric: string; // as readMetric names it
  axis: string;
  against?: string; // a value as tables write it; absent: the axis's first
}

/** Compares the cells of one grid; baselines cross with no axis and are left out. Means are of all that each
 *  side has, differences of what both have. Throws RangeError for an axis that the grid lacks or whose cells
 *  are replicates, and for a value that it does not take. */
export function compare(all: readonly CellView[], { metric, axis, against }: CompareOptions): Comparison {
  const cells = all.filter((c) => !c.baseline);
  const axes = axesOf(cells);
  const comparable = [...axes.keys()].filter((name) => !isReplicate(name) && axes.get(name)! > 1);
  if (!comparable.includes(axis))
    throw new RangeError(`no axis "${axis}" to compare along; there are ${comparable.join(', ') || 'none'}`);
  const known = new Map(cells.map(({ point }) => [canonical(point[axis]), point[axis]]));
  const values = inOrder([...known.values()], (value) => [value]);
  const texts = values.map(toldApart(values));
  const chosen = against === undefined ? 0 : texts.indexOf(against);
  if (chosen < 0) throw new RangeError(`${axis} is never "${against}"; it is ${texts.join(', ')}`);
  const rows = comparable.filter((name) => name !== axis);
  const groups = grouped(cells, ({ point }) => keyOf([...rows, axis].map((name) => point[name])));
  const groupOf = (place: readonly AxisValue[]) => {
    const members = groups.get(keyOf(place));
    return members ? summariseGroup(members, metric) : null;
  };
  const places = new Map(cells.map(({ point }) => rows.map((r) => point[r])).map((p) => [keyOf(p), p]));
  const inTurn = inOrder([...places.values()], (place) => place);
  const beside = new Map(inTurn.map((place) => [place, groupOf([...place, values[chosen]])]));
  const others = values.toSpliced(chosen, 1).map((value) => {
    const body = inTurn.map((place) => compared(place, groupOf([...place, value]), beside.get(place)!));
    const differences = body.flatMap(({ difference }) => difference?.mean ?? []);
    return { value, body, mean: differences.length ? estimate(differences) : null };
  });
  return { metric, axis, against: values[chosen], rows, others };
}

const keyOf = (values: readonly AxisValue[]): string => values.map(canonical).join('\u0000');

function compared(values: AxisValue[], group: Group | null, beside: Group | null): ComparedRow {
  const difference = group && beside ? pairedDifference(group.values, beside.values) : null;
  return { values, group, beside, difference };
}
