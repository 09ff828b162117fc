/** A table as text for a terminal, Markdown, CSV, JSON or LaTeX (booktabs). The first, second and last are for reading and carry the notes;
 *  CSV and JSON are for programs: raw numbers, one line for each mean. */
import { valueText } from './axis-values.js';
import { groupText } from './number-text.js';
import type { Table } from './pivot.js';
import { namedGroups, tableNotes } from './table-notes.js';
import type { Group } from './summarise-group.js';

const formats = { text, markdown, csv, json, latex } satisfies Record<string, (table: Table) => string>;
export type TableFormat = keyof typeof formats;
export const tableFormats = Object.keys(formats) as TableFormat[];

export function formatTable(table: Table, format: TableFormat): string {
  return formats[format](table);
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
  return [[...(rows.length ? rows : ['']), ...heads], ...body];
}

function baselineLines({ baselines, metric }: Table): [string, string][] {
  const grids = new Set(baselines.map((b) => b.grid)).size;
  return baselines.map(({ label, grid, group }) => [grids > 1 ? `${grid}: ${label}` : label, groupText(group, metric)]);
}

function csv(table: Table): string {
  const { rows, cols, columns, metric, body, baselines } = table;
  const line = (axes: string[], baseline: string, group: Group) => {
    const e = group.estimate;
    const counts = [e?.n ?? 0, group.cells, group.repeated, group.missing.map((m) => `${m.count} ${m.state}`).join('; ')];
    return [...axes, baseline, metric, e?.mean, e?.sd, e?.halfWidth, ...counts].map(field).join(',');
  };
  const head = [...rows, ...cols, 'baseline', 'metric', 'mean', 'sd', 'half_width_95', 'n', 'cells', 'repeated', 'missing'];
  const lines = body.flatMap(({ values, groups }) =>
    groups.flatMap((group, i) => (group ? [line([...values, ...columns[i]!].map(plain), '', group)] : [])),
  );
  const empty = [...rows, ...cols].map(() => '');
  const below = baselines.map(({ label, grid, group }) => line(empty, `${grid}: ${label}`, group));
  return [head.map(field).join(','), ...lines, ...below].join('\n');
}

function json(table: Table): string {
  return JSON.stringify({ ...table, means: namedGroups(table).length, notes: tableNotes(table) }, undefined, 2);
}

function plain(value: Table['columns'][number][number]): string {
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
  return safe.replace(/(\S+) ± (\S+)/g, '$$$1 \\pm $2$$').replaceAll('–', '--');
}
