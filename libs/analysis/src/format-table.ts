/** Tables as text for a terminal, Markdown, CSV, JSON or LaTeX (booktabs). The first, second and last are for
 *  reading and carry the notes; CSV and JSON are for programs: raw numbers, one line for each mean, several
 *  grids in one CSV table or one JSON array. */
import { aligned, piped } from './lines.js';
import { groupText } from './number-text.js';
import type { Table } from './pivot.js';
import { suiteLines, suiteNotes } from './suite-text.js';
import { namedGroups, tableNotes } from './table-notes.js';
import { csvText, tidyTable } from './tidy-table.js';
import { axisTexts } from './told-apart.js';
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
  const { suite } = table;
  const own = aligned(grid(table), table.rows.length || 1, baselineLines(table));
  const beside = suite ? ['', ...aligned(suiteLines(suite), 1), '', ...suiteNotes(suite)] : [];
  return [...own, '', ...tableNotes(table), ...beside].join('\n');
}

function markdown(table: Table): string {
  const { suite } = table;
  const notes = tableNotes(table).map((note) => `- ${note}`);
  const below = baselineLines(table);
  const second = below.length ? ['', ...piped([['baseline', ''], ...below], 1)] : [];
  const beside = suite
    ? ['', ...piped(suiteLines(suite), 1), '', ...suiteNotes(suite).map((note) => `- ${note}`)]
    : [];
  return [...piped(grid(table), table.rows.length || 1), ...second, '', ...notes, ...beside].join('\n');
}

function latex(table: Table): string {
  const { suite } = table;
  const commented = (notes: readonly string[]) => notes.map((note) => `% ${note}`);
  const own = tabular(grid(table), table.rows.length || 1, baselineLines(table));
  const beside = suite ? [...tabular(suiteLines(suite), 1), ...commented(suiteNotes(suite))] : [];
  return [...own, ...commented(tableNotes(table)), ...beside].join('\n');
}

/** Lines of columns between booktabs' rules; `last` spans all but the first `left`. */
function tabular(lines: string[][], left: number, last: readonly [string, string][] = []): string[] {
  const [head, ...body] = lines.map((line) => line.map(escaped));
  const width = head!.length - left;
  const write = (line: string[]) => `${line.join(' & ')} \\\\`;
  const below = last.map(
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
  ];
}

/** Header and rows; a table without row axes has one column that names the metric. */
function grid(table: Table): string[][] {
  const { rows, cols, columns, metric } = table;
  const { down, across } = axisTexts(table);
  const heads = columns.map(
    (values) => values.map((v, i) => `${cols[i]} ${across[i]!(v)}`).join(', ') || metric,
  );
  const body = table.body.map(({ values, groups }) => [
    ...(rows.length ? values.map((v, i) => down[i]!(v)) : [metric]),
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
