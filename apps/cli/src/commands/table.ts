import { formatTables, type TableFormat } from '#analysis/format-table.js';
import { type Asked, gridTables } from '#analysis/grid-tables.js';
import type { PeftgridClient } from '#contracts/client.js';
import type { CellView } from '#contracts/experiment.js';
import { connect } from '../connect.js';
import { Failure } from '../failure.js';
import { findExperiment } from '../find.js';
import { type Common, print } from '../output.js';
import { readRunFolder } from '../run-folder.js';

export interface TableOptions extends Common {
  grid?: string[];
  rows?: string[]; // each a knob, or several with commas between
  cols?: string[];
  metric?: string;
  split?: 'test' | 'validation';
  where?: string[]; // KNOB:VALUE
  format?: TableFormat; // absent: text
}

/** `peftgrid table EXPERIMENT|RUNFOLDER [--grid G …] [--rows K …] [--cols K …] [--metric M] [--split S]
 *  [--where K:V …] [--format F]`: one table a grid, under its name, with baselines and references below; of
 *  several grids --format csv is one table and json one array. --json is --format json. A server makes its
 *  experiments' tables itself. */
export async function table(id: string, options: TableOptions): Promise<void> {
  if (options.json && options.format !== undefined && options.format !== 'json')
    throw new Failure(`--json and --format ${options.format} ask for two formats; give one of them`);
  const asked = options.json ? { ...options, format: 'json' as const } : options;
  const run = readRunFolder(id);
  if (run) return print(tablesOf(run.cells, asked));
  const { client } = await connect();
  const { id: experiment } = await findExperiment(client, id);
  print(await servedTables(client, experiment, asked));
}

async function servedTables(
  client: PeftgridClient,
  id: string,
  { where, ...options }: TableOptions,
): Promise<string> {
  const { format = 'text' } = options;
  const { grids, ...asked } = askedOf(options);
  const query = { ...asked, ...(grids && { grid: grids }), ...(where && { where }) } as Parameters<
    PeftgridClient['table']
  >[1];
  if (format !== 'json') return (await client.tableText(id, { ...query, format })).replace(/\n$/, '');
  const tables = await client.table(id, query);
  return JSON.stringify(tables.length === 1 ? tables[0] : tables, undefined, 2);
}

/** The grids' tables as text. Throws Failure where a grid, an axis or a metric does not exist. */
export function tablesOf(
  cells: readonly CellView[],
  { where, format = 'text', ...options }: TableOptions,
): string {
  if (where)
    throw new Failure(
      '--where is asked of a server’s experiment; of a run’s folder choose by --grid, --rows and --cols',
    );
  try {
    return formatTables(gridTables(cells, askedOf(options)), format);
  } catch (error) {
    if (error instanceof RangeError) throw new Failure(error.message);
    throw error;
  }
}

function askedOf({ grid, rows, cols, metric, split }: TableOptions): Asked {
  return {
    ...(grid && { grids: grid }),
    ...(rows && { rows: parted(rows) }),
    ...(cols && { cols: parted(cols) }),
    ...(metric !== undefined && { metric }),
    ...(split && { split }),
  };
}

const parted = (knobs: readonly string[]): string[] =>
  knobs
    .flatMap((text) => text.split(','))
    .map((k) => k.trim())
    .filter(Boolean);
