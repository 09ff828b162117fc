/** Tables as text for a terminal, Markdown, CSV, JSON or LaTeX (booktabs). The first, second and last are for reading and carry the notes;
 *  CSV and JSON are for programs: raw numbers, one line for each mean, several grids in one CSV table or one JSON array. */
import { type AxisValue, valueText } from './axis-values.js';
import { gridAxis } from './layout.js';
import { inReferenceOrder } from './metrics.js';
import { groupText } from './number-text.js';
import { mixedText } from './provenance.js';
import type { Table } from './pivot.js';
import { visibleLine } from './visible-text.js';
import { namedGroups, tableNotes } from './table-notes.js';
import type { Group } from './summarise-group.js';

const formats = { text, markdown, csv: (table) => csv([{ grid: null, table }]), json, latex } satisfies Record<string, (table: Table) => string>; // prettier-ignore
export type TableFormat = keyof typeof formats;
export const tableFormats = Object.keys(formats) as TableFormat[];

export function formatTable(table: Table, format: TableFormat): string {
  return formats[format](table);
}

/** The tables of several grids, each under its grid's name. */
export function formatTables(named: readonly { grid: string; table: Table }[], format: TableFormat): string {
  if (format === 'csv') return csv(named);
  const texts = named.map(({ grid, table }) => ({ grid, text: formatTable(table, format) }));
  if (texts.length === 1) return texts[0]!.text;
  if (format === 'json') return `[${texts.map((t) => t.text).join(',\n')}]`;
  return texts.map(({ grid, text }) => `${headed(grid, format)}\n${text}\n`).join('\n');
}

function headed(grid: string, format: TableFormat): string {
  const name = visibleLine(grid);
  if (format === 'latex') return `% ${name}`;
  return format === 'markdown' ? `### ${name}\n` : `${name}\n`;
}

function text(table: Table): string {
  const lines = grid(table);
  const left = table.rows.length || 1;
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  const write = (line: string[]) => line.map((s, i) => (i < left ? s.padEnd(widths[i]!) : s.padStart(widths[i]!))).join('  ');
  const rule = widths.map((w) => '─'.repeat(w)).join('  ');
  const [head, ...body] = lines.map((line) => write(line).trimEnd());
  const below = baselineLines(table).map(([label, value]) => `${label}  ${value}`);
  return [head, rule, ...body, ...(below.length ? [rule, ...below] : []), '', ...tableNotes(table)].join('\n');
}

function markdown(table: Table): string {
  const [head, ...body] = grid(table).map((line) => line.map((s) => s.replaceAll('|', '\\|')));
  const left = table.rows.length || 1;
  const rule = head!.map((_, i) => (i < left ? '---' : '---:'));
  const write = (line: string[]) => `| ${line.join(' | ')} |`;
  const notes = tableNotes(table).map((note) => `- ${note}`);
  const below = baselineLines(table);
  const second = below.length ? ['', '| baseline | |', '| --- | ---: |', ...below.map(write)] : [];
  return [write(head!), write(rule), ...body.map(write), ...second, '', ...notes].join('\n');
}

function latex(table: Table): string {
  const [head, ...body] = grid(table).map((line) => line.map(escaped));
  const left = table.rows.length || 1;
  const width = head!.length - left;
  const write = (line: string[]) => `${line.join(' & ')} \\\\`;
  const below = baselineLines(table).map(
    ([label, value]) => `\\multicolumn{${left}}{l}{${escaped(label)}} & \\multicolumn{${width}}{c}{${escaped(value)}} \\\\`,
  );
  return [
    `\\begin{tabular}{${'l'.repeat(left)}${'r'.repeat(width)}}`,
    '\\toprule',
    write(head!),
    '\\midrule',
    ...body.map(write),
    ...(below.length ? ['\\midrule', ...below] : []),
    '\\bottomrule',
    '\\end{tabular}',
    ...tableNotes(table).map((note) => `% ${note}`),
  ].join('\n');
}

/** Header and rows; a table without row axes has one column that names the metric. */
function grid(table: Table): string[][] {
  const { rows, cols, columns, metric } = table;
  const heads = columns.map((values) => values.map((v, i) => `${cols[i]} ${valueText(v)}`).join(', ') || metric);
  const body = table.body.map(({ values, groups }) => [
    ...(rows.length ? values.map((v) => valueText(v)) : [metric]),
    ...groups.map((group) => (group ? groupText(group, metric) : '')),
  ]);
  return [[...(rows.length ? rows : ['']), ...heads], ...body].map((line) => line.map(visibleLine));
}

function baselineLines({ baselines, metric }: Table): [string, string][] {
  const grids = new Set(baselines.map((b) => b.grid)).size;
  return baselines.map(({ label, grid, group }) => [
    visibleLine(grids > 1 ? `${grid}: ${label}` : label),
    groupText(group, metric),
  ]);
}

/** One tidy table: a column for the grid and for every axis that some grid has, then for every reference that some mean has beside it. */
function csv(named: readonly { grid: string | null; table: Table }[]): string {
  const axes = [...new Set(named.flatMap(({ table }) => [...table.rows, ...table.cols]))];
  const means = named.flatMap(meansOf);
  const references = Object.keys(inReferenceOrder(Object.assign({}, ...means.map((m) => m.group.references)) as Record<string, number>)); // prettier-ignore
  const withGrid = named.some(({ grid }) => grid !== null) && !axes.includes(gridAxis);
  const head = [
    ...(withGrid ? ['grid'] : []),
    ...axes,
    'baseline',
    'metric',
    ...measures,
    ...references.map((name) => `reference.${name}`),
  ];
  const lines = means.map(({ grid, values, baseline, metric, group }) => [
    ...(withGrid ? [grid] : []),
    ...axes.map((axis) => plain(values.get(axis))),
    baseline,
    metric,
    ...measuresOf(group),
    ...references.map((name) => group.references[name]),
  ]);
  return [head, ...lines].map((line) => line.map(field).join(',')).join('\n');
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
      return group ? [{ grid: grid ?? '', values: new Map(axes.map((a, k) => [a, all[k]])), baseline: '', metric, group }] : [];
    }),
  );
  return [...own, ...baselines.map((b): Mean => ({ grid: b.grid, values: new Map([[gridAxis, b.grid]]), baseline: b.label, metric, group: b.group }))]; // prettier-ignore
}

const measures = ['mean', 'sd', 'half_width_95', 'low_95', 'high_95', 'n', 'cells', 'repeated', 'missing', 'learned_nothing', 'mixed']; // prettier-ignore

function measuresOf({ estimate: e, cells, repeated, missing, unlearned, mixed }: Group): (string | number | null | undefined)[] {
  const gone = missing.map((m) => `${m.count} ${m.state}`).join('; ');
  const counts = [e?.n ?? 0, cells, repeated, gone, unlearned?.seeds.length ?? 0, mixed.map(mixedText).join('; ')];
  return [e?.mean, e?.sd, e?.halfWidth, e?.low, e?.high, ...counts];
}

function json(table: Table): string {
  return JSON.stringify({ ...table, means: namedGroups(table).length, notes: tableNotes(table) }, undefined, 2);
}

function plain(value: AxisValue): string {
  return value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Quoted where needed. A text that a spreadsheet would run as a formula is kept as text. */
function field(value: string | number | null | undefined): string {
  const raw = String(value ?? '');
  const safe = typeof value === 'string' && /^[=+@\t\r]/.test(raw) ? `'${raw}` : raw;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const special: Record<string, string> = { '\\': '\\textbackslash{}', '~': '\\textasciitilde{}', '^': '\\textasciicircum{}' };

function escaped(value: string): string {
  const safe = value.replace(/[\\~^&%$#_{}]/g, (c) => special[c] ?? `\\${c}`);
  const marked = safe.replaceAll('†', '\\textdagger{}').replaceAll('‡', '\\textdaggerdbl{}');
  return marked.replace(/(\S+) ± (\S+)/g, '$$$1 \\pm $2$$').replaceAll('–', '--');
}
