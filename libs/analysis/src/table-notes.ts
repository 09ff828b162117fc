/** The sentences under a table: how to read it, what it was held against, and every cell that is in no mean. */
import { valueText } from './axis-values.js';
import { isShare } from './metrics.js';
import { metricText } from './number-text.js';
import type { Table } from './pivot.js';
import type { Group, Missing } from './summarise-group.js';

const mostReasons = 20; // lines; the rest is counted

export function tableNotes(table: Table): string[] {
  return [...captions(table), ...referenceNotes(table), ...missingNotes(table)];
}

/** Groups with the name of their row and column, baselines included. */
export function namedGroups(table: Table): { name: string; group: Group }[] {
  const body = table.body.flatMap(({ values, groups }) =>
    groups.flatMap((group, i) => {
      const named = [...pairs(table.rows, values), ...pairs(table.cols, table.columns[i]!)];
      return group ? [{ name: named.join(', ') || 'the only point', group }] : [];
    }),
  );
  return [...body, ...table.baselines.map(({ label, group }) => ({ name: `baseline ${label}`, group }))];
}

function pairs(axes: string[], values: Table['columns'][number]): string[] {
  return axes.map((axis, i) => `${axis} ${valueText(values[i])}`);
}

function captions({ metric, added, body, baselines }: Table): string[] {
  const groups = [...body.flatMap((r) => r.groups.filter((g) => g !== null)), ...baselines.map((b) => b.group)];
  const counts = [...new Set(groups.flatMap((g) => (g.estimate ? [g.estimate.n] : [])))].toSorted((a, b) => a - b);
  const unit = isShare(metric) ? `${metric} in percent` : metric;
  const width = counts.some((n) => n > 1) ? ': mean ± half-width of its 95 % t-interval over seeds' : '';
  const n = counts.length ? `, n = ${counts.join(' or ')}` : '';
  const alone = counts[0] === 1 ? '; one seed has no interval' : '';
  const repeated = groups.reduce((sum, g) => sum + g.repeated, 0);
  return [
    `${unit}${width}${n}${alone}.`,
    ...added.map((axis) => `${axis} varies and was placed nowhere: it is a row, since means are over seeds only.`),
    ...(repeated ? [`${repeated} cells share the trial of another in their place, and are no further replicates.`] : []),
  ];
}

function referenceNotes({ references, metric }: Table): string[] {
  return references.map(({ name, min, max }) => {
    const text = metricText(min, metric);
    return min === max ? `${name}: ${text}` : `${name}: ${text} to ${metricText(max, metric)}, by cell`;
  });
}

/** Groups are told apart by state and reason, worst first. */
function missingNotes(table: Table): string[] {
  const lines = namedGroups(table).flatMap(({ name, group }) =>
    group.missing.flatMap(({ state, reasons }) =>
      reasons.map(({ why, seeds }) => ({ state, text: `${name}${seedText(seeds)}: ${why}`, count: seeds.length })),
    ),
  );
  const ended = lines.filter((l) => isFinal(l.state));
  const shown = ended.slice(0, mostReasons).map((l) => `not in a mean: ${l.state}: ${l.text}`);
  const hidden = ended.slice(mostReasons).reduce((sum, l) => sum + l.count, 0);
  const open = lines.filter((l) => !isFinal(l.state)).reduce((sum, l) => sum + l.count, 0);
  return [
    ...shown,
    ...(hidden ? [`not in a mean: ${hidden} more cells that failed, were cancelled or pruned.`] : []),
    ...(open ? [`not in a mean yet: ${open} of ${table.cells} cells are still to finish.`] : []),
  ];
}

function isFinal(state: Missing['state']): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled' || state === 'pruned';
}

function seedText(seeds: (number | null)[]): string {
  const known = seeds.filter((s) => s !== null);
  return known.length ? `, seed ${known.join(', ')}` : '';
}
