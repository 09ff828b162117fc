/** The mean over the tasks of a benchmark, by its own rule, beside a table that has its tasks as an axis. */
import type { CellView } from '#contracts/experiment.js';
import { metricsOfTask, suiteKnob, type SuiteName, suiteNames, suites, tasksOf } from '#contracts/suites.js';
import { baselineLabel, canonical, valueText } from './axis-values.js';
import { axesOf, gridAxis } from './layout.js';
import { readMetric } from './metrics.js';
import { seedOf } from './summarise-group.js';
import { estimate, type Estimate, mean, type Replicate } from './statistics.js';

/** One combination of the other axes, or a baseline. */
export interface SuiteRow {
  label: string;
  scores: (Estimate | null)[]; // of each of SuiteMeans.tasks, over its seeds; null: not measured
  /** The mean over all tasks, formed for each seed first; null while no seed has every task. */
  mean: Estimate | null;
  values: Replicate[]; // a mean for each seed that has every task
  seeds: number; // that the row should have
  measured: number; // the most tasks that one seed has
}

export interface SuiteMeans {
  suite: SuiteName;
  split: 'test' | 'validation';
  tasks: string[]; // all of the suite's
  body: SuiteRow[];
}

/** A task's score may be a correlation. */
const possible = [-1, 1] as const;

/** null where the cells' tasks are no suite's, or could be of two. `metric` says which split is shown. */
export function suiteMeans(cells: readonly CellView[], metric: string): SuiteMeans | null {
  const suite = suiteOf(cells);
  if (suite === null) return null;
  const split = metric.startsWith('validation.') ? 'validation' : 'test';
  const others = [...axesOf(cells)].filter(([axis, n]) => n > 1 && axis !== 'seed' && axis !== suiteKnob);
  const axes = others.map(([axis]) => axis);
  const rows = new Map<string, CellView[]>();
  for (const cell of cells) {
    if (typeof cell.point[suiteKnob] !== 'string') continue;
    const { seed: _seed, [suiteKnob]: _task, ...rest } = cell.point;
    const key = canonical([cell.grid, cell.baseline, rest]);
    const own = rows.get(key);
    if (own) own.push(cell);
    else rows.set(key, [cell]);
  }
  const body = [...rows.values()]
    .toSorted((a, b) => Number(a[0]!.baseline) - Number(b[0]!.baseline))
    .map((own) => rowOf(own, { suite, split, label: labelOf(own[0]!, axes) }));
  return { suite, split, tasks: tasksOf(suite), body };
}

function suiteOf(cells: readonly CellView[]): SuiteName | null {
  const tasks = new Set(cells.map(({ point }) => point[suiteKnob]).filter((t) => typeof t === 'string'));
  const fitting = suiteNames.filter((name) => [...tasks].every((task) => Object.hasOwn(suites[name], task)));
  return tasks.size > 0 && fitting.length === 1 ? fitting[0]! : null;
}

function labelOf({ grid, baseline, point }: CellView, axes: readonly string[]): string {
  if (baseline) {
    const { [suiteKnob]: _task, ...own } = point;
    return baselineLabel(own);
  }
  const named = axes.map((axis) => `${axis} ${valueText(axis === gridAxis ? grid : point[axis])}`);
  return named.join(', ') || 'all';
}

interface Of {
  suite: SuiteName;
  split: SuiteMeans['split'];
  label: string;
}

function rowOf(cells: readonly CellView[], { suite, split, label }: Of): SuiteRow {
  const seeds = new Map<number | null, Map<string, number>>();
  for (const cell of cells) {
    const seed = seedOf(cell);
    const own = seeds.get(seed) ?? new Map<string, number>();
    seeds.set(seed, own);
    const task = cell.point[suiteKnob] as string;
    const score = scoreOf(cell, metricsOfTask(suite, task), split);
    if (score !== null) own.set(task, score);
  }
  const tasks = tasksOf(suite);
  const values = [...seeds].flatMap(([seed, scores]): Replicate[] =>
    scores.size === tasks.length ? [{ seed, value: mean([...scores.values()]) }] : [],
  );
  const estimated = (own: readonly number[]) => (own.length ? estimate(own, { possible }) : null);
  return {
    label,
    scores: tasks.map((task) => estimated([...seeds.values()].flatMap((scores) => scores.get(task) ?? []))),
    mean: estimated(values.map(({ value }) => value)),
    values,
    seeds: seeds.size,
    measured: Math.max(...[...seeds.values()].map((scores) => scores.size)),
  };
}

/** The mean of a task's metrics; null where the trial lacks one, or did not succeed. */
function scoreOf(
  { state, summary }: CellView,
  metrics: readonly string[],
  split: SuiteMeans['split'],
): number | null {
  if (state !== 'succeeded' || !summary) return null;
  const values = metrics.map((name) => readMetric(summary, `${split}.${name}`));
  return values.every((value) => value !== null) ? mean(values) : null;
}
