import { compare as compareCells, type Comparison } from '#analysis/comparison.js';
import { type ComparisonFormat, formatComparisons } from '#analysis/comparison-text.js';
import { axesOf } from '#analysis/layout.js';
import { checkMetric, chosenGrids } from '#analysis/grid-tables.js';
import { defaultMetric } from '#analysis/metrics.js';
import type { CellView } from '#contracts/experiment.js';
import { connect } from '../connect.js';
import { Failure } from '../failure.js';
import { findExperiment } from '../find.js';
import { type Common, print } from '../output.js';
import { readRunFolder } from '../run-folder.js';

interface Options extends Common {
  axis: string;
  against?: string;
  grid?: string[];
  metric?: string;
  format?: ComparisonFormat; // absent: text
}

/** `peftgrid compare EXPERIMENT|RUNFOLDER --axis K [--against V] [--grid G …] [--metric M] [--format F]`:
 *  what changing one knob does, paired by draw and seed, in each grid that has it as an axis. --json is
 *  --format json: an object, or an array of one for each grid. */
export async function compare(id: string, options: Options): Promise<void> {
  if (options.json && options.format !== undefined && options.format !== 'json')
    throw new Failure(`--json and --format ${options.format} ask for two formats; give one of them`);
  const format = options.json ? 'json' : (options.format ?? 'text');
  print(formatComparisons(comparisonsOf(await cellsOf(id), options), format));
}

async function cellsOf(id: string): Promise<readonly CellView[]> {
  const run = readRunFolder(id);
  if (run) return run.cells;
  const { client } = await connect();
  return client.cells((await findExperiment(client, id)).id);
}

function comparisonsOf(
  all: readonly CellView[],
  { axis, against, grid, metric }: Options,
): { grid: string; comparison: Comparison }[] {
  try {
    const cells = chosenGrids(all, grid);
    checkMetric(cells, metric);
    const names = [...new Set(cells.map((cell) => cell.grid))];
    const grids = names.map((name) => ({ name, own: cells.filter((cell) => cell.grid === name) }));
    if (grids.length === 0) throw new RangeError('there is no cell to compare');
    const having = grids.filter(({ own }) => axesOf(own).has(axis));
    // where no grid has it, the first says which axes there are
    return (having.length ? having : grids.slice(0, 1)).map(({ name, own }) => ({
      grid: name,
      comparison: compareCells(own, {
        axis,
        metric: metric ?? defaultMetric(own),
        ...(against !== undefined && { against }),
      }),
    }));
  } catch (error) {
    if (error instanceof RangeError) throw new Failure(error.message);
    throw error;
  }
}
