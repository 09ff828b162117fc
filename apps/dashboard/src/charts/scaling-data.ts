import type { CellView } from '#contracts/experiment.js';
import { isReplicate } from '#contracts/grid.js';
import { valueText } from '#analysis/axis-values.js';
import { axesOf } from '#analysis/layout.js';
import { inReferenceOrder, isCount, isShare } from '#analysis/metrics.js';
import { pivot, type Table } from '#analysis/pivot.js';
import type { Group } from '#analysis/summarise-group.js';
import { shortAxis } from '../point-text.js';

export interface ScalingPoint {
  x: number;
  mean: number;
  low: number | null; // ends of the interval; null: one seed has none
  high: number | null;
  n: number;
  line: string;
}

export interface ScalingRule {
  label: string;
  kind: 'baseline' | 'reference';
  line: string | null; // the line that alone it stands beside; null: it holds for all
  low: number; // of a baseline's interval; low = high: a line
  high: number;
  at: number;
}

/** A reference that is another at each x: as a line of its own. */
export interface ScalingCurve {
  label: string;
  line: string;
  points: { x: number; value: number }[];
}

export interface ScalingData {
  axis: string;
  metric: string; // percent where it is a share
  lines: string[];
  points: ScalingPoint[];
  seeds: { x: number; value: number; line: string }[];
  rules: ScalingRule[];
  curves: ScalingCurve[];
  xs: number[];
  seedsEach: number[]; // how many seeds the means are over, ascending
  possible: readonly [number, number] | null; // ends that no value can leave
}

/** One line for each combination of the other axes: means are over replicates only. Shares come as percent.
 */
export function scalingData(cells: readonly CellView[], axis: string, metric: string): ScalingData {
  const others = [...axesOf(cells)].flatMap(([a, size]) =>
    size > 1 && !isReplicate(a) && a !== axis ? [a] : [],
  );
  const table = pivot(cells, { rows: [axis], cols: others, metric });
  const unit = isShare(metric) ? 100 : 1;
  const lines = table.columns.map(
    (values) => values.map((v, i) => lineText(others[i]!, v)).join(', ') || metric,
  );
  const groups = table.body.flatMap(({ values: [x], groups }) =>
    groups.flatMap((group, i) => (group && typeof x === 'number' ? [{ x, group, line: lines[i]! }] : [])),
  );
  const points = groups.flatMap(({ x, group: { estimate }, line }): ScalingPoint[] => {
    if (!estimate) return [];
    const { mean, low, high, n } = estimate;
    const end = (value: number | null) => (value === null || isCount(metric) ? null : unit * value);
    return [{ x, mean: unit * mean, low: end(low), high: end(high), n, line }];
  });
  const besides = referencesOf(groups, unit);
  return {
    axis,
    metric: unit === 100 ? `${metric} (percent)` : metric,
    lines,
    points,
    seeds: groups.flatMap(({ x, group, line }) =>
      group.values.map(({ value }) => ({ x, value: unit * value, line })),
    ),
    rules: [...baselineRules(table, unit), ...besides.rules],
    curves: besides.curves,
    seedsEach: [...new Set(points.map((p) => p.n))].toSorted((a, b) => a - b),
    possible: unit === 100 ? [0, 100] : null,
    xs: [...new Set(groups.map((g) => g.x))].toSorted((a, b) => a - b),
  };
}

/** Words speak for themselves, numbers do not. */
function lineText(axis: string, value: Parameters<typeof valueText>[0]): string {
  return typeof value === 'string' ? value : `${shortAxis(axis)} ${valueText(value)}`;
}

function baselineRules({ baselines }: Table, unit: number): ScalingRule[] {
  return baselines.flatMap(({ label, group: { estimate } }): ScalingRule[] => {
    if (!estimate) return [];
    const { mean, low, high } = estimate;
    const ends = { low: unit * (low ?? mean), high: unit * (high ?? mean) };
    return [{ label, kind: 'baseline', line: null, at: unit * mean, ...ends }];
  });
}

interface Beside {
  x: number;
  line: string;
  group: Group;
}

/** A score without training as one rule where it is the same everywhere, as a rule for each line that it is
 *  the same along, else as a curve. */
function referencesOf(
  groups: readonly Beside[],
  unit: number,
): { rules: ScalingRule[]; curves: ScalingCurve[] } {
  const names = Object.keys(
    inReferenceOrder(Object.assign({}, ...groups.map((g) => g.group.references)) as Record<string, number>),
  );
  const rules: ScalingRule[] = [];
  const curves: ScalingCurve[] = [];
  for (const name of names) {
    const found = groups.flatMap(({ x, line, group }) => {
      const score = group.references[name];
      return score === undefined ? [] : [{ x, line, value: unit * score }];
    });
    const rule = (value: number, line: string | null): ScalingRule => ({
      label: name,
      kind: 'reference',
      line,
      at: value,
      low: value,
      high: value,
    });
    if (isSame(found)) rules.push(rule(found[0]!.value, null));
    else
      for (const line of new Set(found.map((f) => f.line))) {
        const points = found.filter((f) => f.line === line);
        if (isSame(points)) rules.push(rule(points[0]!.value, line));
        else curves.push({ label: name, line, points: points.toSorted((a, b) => a.x - b.x) });
      }
  }
  return { rules, curves };
}

const isSame = (found: readonly { value: number }[]): boolean =>
  found.every((f) => Math.abs(f.value - found[0]!.value) < 1e-9);
