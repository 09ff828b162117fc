import { resolve } from 'node:path';
import { readMetric } from '#analysis/metrics.js';
import type { CellView } from '#contracts/experiment.js';
import { type MetricName, scales } from '#contracts/scales.js';
import type { OpenPredictions } from '#contracts/read-predictions.js';
import { metricNames } from '#tasks/metrics/metrics-of-kind.js';
import { scorePredictions } from '#tasks/metrics/score-predictions.js';
import { connect } from '../connect.js';
import { counted } from '../counted.js';
import { Failure } from '../failure.js';
import { findExperiment } from '../find.js';
import { predictionsInFolder, predictionsOnServer } from '../kept-predictions.js';
import { print, say } from '../output.js';
import { readRunFolder } from '../run-folder.js';
import { type TableOptions, tablesOf } from './table.js';

type Options = TableOptions & { metric: string };

interface Source {
  cells: CellView[];
  open(trialId: string): Promise<OpenPredictions>;
}

/** `peftgrid score EXPERIMENT|RUNFOLDER --metric M`: a metric of what finished trials said, without training,
 *  as a table. A number that a trial has measured itself is that one. Throws Failure where no trial can have
 *  it, with each reason. */
export async function score(id: string, { metric, ...options }: Options): Promise<void> {
  if (options.json && options.format !== undefined && options.format !== 'json')
    throw new Failure(`--json and --format ${options.format} ask for two formats; give one of them`);
  const [, split = 'test', name = metric] = /^(test|validation)\.(.+)$/.exec(metric) ?? [];
  if (!metricNames.includes(name))
    throw new Failure(`there is no metric "${name}"; there are ${metricNames.join(', ')}`);
  const { cells, open } = await sourceOf(id);
  const asked = { name: name as MetricName, split: split as 'test' | 'validation' };
  const { values, problems } = await scoreCells(cells, open, asked);
  if (values.size === 0) {
    if (problems.size === 0) throw new Failure('no trial has finished yet');
    throw new Failure(`no finished trial has ${metric}`, issuesOf(problems));
  }
  for (const { path, message } of issuesOf(problems)) say(`${path}: ${message}`);
  const shown = cells.map((cell) => withValue(cell, asked, values.get(cell.trialId)));
  const shownAs = split === 'test' ? name : metric;
  print(tablesOf(shown, { ...options, metric: shownAs, ...(options.json && { format: 'json' as const }) }));
}

async function sourceOf(id: string): Promise<Source> {
  const run = readRunFolder(id);
  if (run) return { cells: run.cells, open: (trialId) => predictionsInFolder(resolve(id), trialId) };
  const { client } = await connect();
  const experiment = await findExperiment(client, id);
  return {
    cells: await client.cells(experiment.id),
    open: (trialId) => predictionsOnServer(client, trialId),
  };
}

interface Asked {
  name: MetricName;
  split: 'test' | 'validation';
}

/** The metric of each finished trial; of those that cannot have it, their cells by the reason. */
async function scoreCells(cells: readonly CellView[], open: Source['open'], { name, split }: Asked) {
  const values = new Map<string, number>();
  const problems = new Map<string, string[]>();
  const finished = new Map(
    cells.flatMap((cell) => (cell.state === 'succeeded' && cell.summary ? [[cell.trialId, cell]] : [])),
  );
  for (const [trialId, { grid, index, summary }] of finished) {
    const own = readMetric(summary!, `${split}.${name}`);
    try {
      values.set(trialId, own ?? (await scorePredictions(await open(trialId), { name, split })));
    } catch (error) {
      const { message } = error as Error;
      problems.set(message, [...(problems.get(message) ?? []), `${grid}/${index}`]);
    }
  }
  return { values, problems };
}

function issuesOf(problems: ReadonlyMap<string, string[]>): { path: string; message: string }[] {
  return [...problems].map(([message, cells]) => {
    const path =
      cells.length > 3 ? `${cells[0]} and ${counted(cells.length - 1, 'more cell')}` : cells.join(', ');
    return { path, message };
  });
}

function withValue(cell: CellView, { name, split }: Asked, value: number | undefined): CellView {
  if (!cell.summary || value === undefined) return cell;
  const { [split]: measured, metrics } = cell.summary;
  const summary = {
    ...cell.summary,
    [split]: { ...measured, [name]: value },
    metrics: { ...metrics, [name]: scales[name] },
  };
  return { ...cell, summary };
}
