/** Tables as text for a terminal, Markdown, CSV, JSON or LaTeX (booktabs). The first, second and last are for
 *  reading and carry the notes; CSV and JSON are for programs: raw numbers, one line for each mean, several
 *  grids in one CSV table or one JSON array. */
import { valueText } from './axis-values.js';
import { groupText } from './number-text.js';
import type { Table } from './pivot.js';
import { namedGroups, tableNotes } from './table-notes.js';
import { csvText, tidyTable } from './tidy-table.js';
import { visibleLine } from './visible-text.js';

const formats = {
  text,
  markdown,
  csv: (table) => csvText(tidyTable([{ grid: null, table }])),
  json,
  latex,
} satisfies Record<string, (table: Table) => string>;
export type TableFormat = keyof typeof formats;
export const tableFormats = Object.keys(formats) as TableFormat[];

export function formatTable(table: Table, format: TableFormat): string {
  return formats[format](table);
}

/** The tables of several grids, each under its grid's name. */
export function formatTables(named: readonly { grid: string; table: Table }[], format: TableFormat): string {
  if (format === 'csv') return csvText(tidyTable(named));
  if (format === 'json') {
    const values = named.map(tableValue);
    return JSON.stringify(values.length === 1 ? values[0] : values, undefined, 2);
  }
  const texts = named.map(({ grid, table }) => ({ grid, text: formatTable(table, format) }));
  if (texts.length === 1) return texts[0]!.text;
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
  const write = (line: string[]) =>
    line.map((s, i) => (i < left ? s.padEnd(widths[i]!) : s.padStart(widths[i]!))).join('  ');
  const rule = widths.map((w) => '─'.repeat(w)).join('  ');
  const [head, ...body] = lines.map((line) => write(line).trimEnd());
  const below = baselineLines(table).map(([label, value]) => `${label}  ${value}`);
  return [head, rule, ...body, ...(below.length ? [rule, ...below] : []), '', ...tableNotes(table)].join(
    '\n',
  );
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
    ([label, value]) =>
      `\\multicolumn{${left}}{l}{${escaped(label)}} & \\multicolumn{${width}}{c}{${escaped(value)}} \\\\`,
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
  const heads = columns.map(
    (values) => values.map((v, i) => `${cols[i]} ${valueText(v)}`).join(', ') || metric,
  );
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

/** A table as JSON has it: under its grid's name, with its notes. */
export function tableValue({ grid, table }: { grid: string; table: Table }): TableValue {
  return { grid, ...table, means: namedGroups(table).length, notes: tableNotes(table) };
}

export interface TableValue extends Table {
  grid: string;
  means: number;
  notes: string[];
}

function json(table: Table): string {
  const { grid: _none, ...value } = tableValue({ grid: '', table });
  return JSON.stringify(value, undefined, 2);
}

const special: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
};

function escaped(value: string): string {
  const safe = value.replace(/[\\~^&%$#_{}]/g, (c) => special[c] ?? `\\${c}`);
  const marked = safe.replaceAll('†', '\\textdagger{}').replaceAll('‡', '\\textdaggerdbl{}');
  return marked.replace(/(\S+) ± (\S+)/g, '$$$1 \\pm $2$$').replaceAll('–', '--');
}
