/** Tables for programs: one line for each mean, in one table whatever the number of grids. */
import type { AxisValue } from './axis-values.js';
import { csvLines } from './csv.js';
import { gridAxis } from './layout.js';
import { inReferenceOrder } from './metrics.js';
import { mixedText } from './provenance.js';
import type { Table } from './pivot.js';
import type { Group } from './summarise-group.js';

export type TidyValue = AxisValue | null;

export interface TidyTable {
  columns: string[];
  lines: TidyValue[][]; // one value for each of columns; undefined or null: none
}

/** A column for the grid and for every axis that some grid has, then for every reference that some mean has
 *  beside it. */
export function tidyTable(named: readonly { grid: string | null; table: Table }[]): TidyTable {
  const axes = [...new Set(named.flatMap(({ table }) => [...table.rows, ...table.cols]))];
  const means = named.flatMap(meansOf);
  const names: Record<string, number> = Object.assign({}, ...means.map((m) => m.group.references));
  const references = Object.keys(inReferenceOrder(names));
  const withGrid = named.some(({ grid }) => grid !== null) && !axes.includes(gridAxis);
  const columns = [
    ...(withGrid ? ['grid'] : []),
    ...axes,
    'baseline',
    'metric',
    ...measures,
    ...references.map((name) => `reference.${name}`),
  ];
  const lines = means.map(({ grid, values, baseline, metric, group }) => [
    ...(withGrid ? [grid] : []),
    ...axes.map((axis) => values.get(axis)),
    baseline,
    metric,
    ...measuresOf(group),
    ...references.map((name) => group.references[name]),
  ]);
  return { columns, lines };
}

interface Mean {
  grid: string;
  values: Map<string, AxisValue>;
  baseline: string;
  metric: string;
  group: Group;
}

function meansOf({ grid, table }: { grid: string | null; table: Table }): Mean[] {
  const { rows, cols, columns, metric, body, baselines } = table;
  const axes = [...rows, ...cols];
  const own = body.flatMap(({ values, groups }) =>
    groups.flatMap((group, i): Mean[] => {
      const all = [...values, ...columns[i]!];
      return group
        ? [
            {
              grid: grid ?? '',
              values: new Map(axes.map((a, k) => [a, all[k]])),
              baseline: '',
              metric,
              group,
            },
          ]
        : [];
    }),
  );
  const below = baselines.map((b): Mean => ({
    grid: b.grid,
    values: new Map([[gridAxis, b.grid]]),
    baseline: b.label,
    metric,
    group: b.group,
  }));
  return [...own, ...below];
}

const measures = [
  'mean',
  'sd',
  'half_width_95',
  'low_95',
  'high_95',
  'n',
  'cells',
  'repeated',
  'missing',
  'learned_nothing',
  'mixed',
];

function measuresOf({ estimate: e, cells, repeated, missing, unlearned, mixed }: Group): TidyValue[] {
  const gone = missing.map((m) => `${m.count} ${m.state}`).join('; ');
  const counts = [
    e?.n ?? 0,
    cells,
    repeated,
    gone,
    unlearned?.seeds.length ?? 0,
    mixed.map(mixedText).join('; '),
  ];
  return [e?.mean, e?.sd, e?.halfWidth, e?.low, e?.high, ...counts];
}

/** CSV with a header. */
export const csvText = ({ columns, lines }: TidyTable): string => csvLines([columns, ...lines]).slice(0, -1);

/** One JSON object a line; what a line lacks is null. */
export function ndjsonText({ columns, lines }: TidyTable): string {
  return lines
    .map(
      (line) => `${JSON.stringify(Object.fromEntries(columns.map((name, i) => [name, line[i] ?? null])))}\n`,
    )
    .join('');
}
