import { formatTable, type TableFormat } from '#analysis/format-table.js';
import { defaultLayout } from '#analysis/layout.js';
import { defaultMetric } from '#analysis/metrics.js';
import { pivot, type Table } from '#analysis/pivot.js';
import type { CellView } from '#contracts/experiment.js';
import { connect } from '../connect.js';
import { Failure } from '../failure.js';
import { findExperiment } from '../find.js';
import { type Common, print } from '../output.js';

export interface TableOptions extends Common {
  rows?: string[];
  cols?: string[];
  metric?: string;
  format: TableFormat;
}

/** `peftgrid table EXPERIMENT [--rows K …] [--cols K …] [--metric M] [--format F]`: one table a grid, under its name, with baselines and
 *  references below. --json is --format json; several grids are then one array. */
export async function table(id: string, options: TableOptions): Promise<void> {
  const { client } = await connect();
  const experiment = await findExperiment(client, id);
  print(tablesOf(await client.cells(experiment.id), options.json ? { ...options, format: 'json' } : options));
}

/** The grids' tables as text. Throws Failure where an axis does not exist in any of them. */
export function tablesOf(cells: readonly CellView[], options: TableOptions): string {
  const grids = [...new Set(cells.map((c) => c.grid))];
  const tables = grids.map((grid) => ({ grid, table: tableOf(cells.filter((c) => c.grid === grid), options) })); // prettier-ignore
  const texts = tables.map(({ grid, table }) => ({ grid, text: formatTable(table, options.format) }));
  if (options.format === 'json') return grids.length === 1 ? texts[0]!.text : `[${texts.map((t) => t.text).join(',\n')}]`;
  if (grids.length === 1) return texts[0]!.text;
  return texts.map(({ grid, text }) => `${headed(grid, options.format)}\n${text}\n`).join('\n');
}

function tableOf(cells: CellView[], { rows, cols, metric }: TableOptions): Table {
  const usual = defaultLayout(cells);
  const layout = {
    rows: rows ?? usual.rows.filter((axis) => !cols?.includes(axis)),
    cols: cols ?? (rows ? [] : usual.cols),
  };
  try {
    return pivot(cells, { ...layout, metric: metric ?? defaultMetric(cells) });
  } catch (error) {
    if (error instanceof RangeError) throw new Failure(error.message);
    throw error;
  }
}

function headed(grid: string, format: TableFormat): string {
  if (format === 'csv') return `# ${grid}`;
  if (format === 'latex') return `% ${grid}`;
  return format === 'markdown' ? `### ${grid}\n` : `${grid}\n`;
}
