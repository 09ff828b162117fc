import type { CellView } from '#contracts/experiment.js';
import { valueText } from '#analysis/axis-values.js';
import { axesOf } from '#analysis/layout.js';
import { isShare } from '#analysis/metrics.js';
import { pivot, type Table } from '#analysis/pivot.js';
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
  low: number; // of the interval, or of what cells differ in; low = high: a line
  high: number;
  at: number;
}

export interface ScalingData {
  axis: string;
  metric: string; // percent where it is a share
  lines: string[];
  points: ScalingPoint[];
  seeds: { x: number; value: number; line: string }[];
  rules: ScalingRule[];
  xs: number[];
}

/** One line for each combination of the other axes: means are over seeds only. Shares come as percent. */
export function scalingData(cells: readonly CellView[], axis: string, metric: string): ScalingData {
  const others = [...axesOf(cells)].flatMap(([a, size]) => (size > 1 && a !== 'seed' && a !== axis ? [a] : []));
  const table = pivot(cells, { rows: [axis], cols: others, metric });
  const unit = isShare(metric) ? 100 : 1;
  const lines = table.columns.map((values) => values.map((v, i) => lineText(others[i]!, v)).join(', ') || metric);
  const groups = table.body.flatMap(({ values: [x], groups }) =>
    groups.flatMap((group, i) => (group && typeof x === 'number' ? [{ x, group, line: lines[i]! }] : [])),
  );
  const points = groups.flatMap(({ x, group: { estimate }, line }): ScalingPoint[] => {
    if (!estimate) return [];
    const { mean, halfWidth, n } = estimate;
    const end = (sign: number) => (halfWidth === null ? null : unit * (mean + sign * halfWidth));
    return [{ x, mean: unit * mean, low: end(-1), high: end(1), n, line }];
  });
  return {
    axis,
    metric: unit === 100 ? `${metric} (percent)` : metric,
    lines,
    points,
    seeds: groups.flatMap(({ x, group, line }) => group.values.map(({ value }) => ({ x, value: unit * value, line }))),
    rules: rulesOf(table, unit),
    xs: [...new Set(groups.map((g) => g.x))].toSorted((a, b) => a - b),
  };
}

/** Words speak for themselves, numbers do not. */
function lineText(axis: string, value: Parameters<typeof valueText>[0]): string {
  return typeof value === 'string' ? value : `${shortAxis(axis)} ${valueText(value)}`;
}

function rulesOf({ baselines, references }: Table, unit: number): ScalingRule[] {
  return [
    ...baselines.flatMap(({ label, group: { estimate } }): ScalingRule[] => {
      if (!estimate) return [];
      const { mean, halfWidth } = estimate;
      const width = halfWidth ?? 0;
      return [{ label, kind: 'baseline', at: unit * mean, low: unit * (mean - width), high: unit * (mean + width) }];
    }),
    ...references.map(({ name, min, max }): ScalingRule => {
      return { label: name, kind: 'reference', at: (unit * (min + max)) / 2, low: unit * min, high: unit * max };
    }),
  ];
}
