import { formatTables, type TableFormat } from '#analysis/format-table.js';
import { gridTables } from '#analysis/grid-tables.js';
import type { CellView } from '#contracts/experiment.js';
import { cellsToShow } from '../cells-to-show.js';
import { Failure } from '../failure.js';
import { type Common, print } from '../output.js';

export interface TableOptions extends Common {
  grid?: string[];
  rows?: string[]; // each a knob, or several with commas between
  cols?: string[];
  metric?: string;
  format?: TableFormat; // absent: text
}

/** `peftgrid table EXPERIMENT|RUNFOLDER [--grid G …] [--rows K …] [--cols K …] [--metric M] [--format F]`: one table a grid, under its name, with
 *  baselines and references below; of several grids --format csv is one table and json one array. --json is --format json. */
export async function table(id: string, options: TableOptions): Promise<void> {
  if (options.json && options.format !== undefined && options.format !== 'json')
    throw new Failure(`--json and --format ${options.format} ask for two formats; give one of them`);
  const { cells } = await cellsToShow(id);
  print(tablesOf(cells, options.json ? { ...options, format: 'json' } : options));
}

/** The grids' tables as text. Throws Failure where a grid, an axis or a metric does not exist. */
export function tablesOf(cells: readonly CellView[], { grid, rows, cols, metric, format = 'text' }: TableOptions): string {
  const asked = { ...(grid && { grids: grid }), ...(rows && { rows: parted(rows) }), ...(cols && { cols: parted(cols) }), ...(metric !== undefined && { metric }) }; // prettier-ignore
  try {
    return formatTables(gridTables(cells, asked), format);
  } catch (error) {
    if (error instanceof RangeError) throw new Failure(error.message);
    throw error;
  }
}

const parted = (knobs: readonly string[]): string[] => knobs.flatMap((text) => text.split(',')).map((k) => k.trim()).filter(Boolean); // prettier-ignore
