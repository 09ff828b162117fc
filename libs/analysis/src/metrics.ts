/** What can be read out of a finished trial: "accuracy" (test), "validation.accuracy", or a number of the
 *  summary itself ("stepMs"). */
import type { CellView } from '#contracts/experiment.js';
import { scaleOf } from '#contracts/scales.js';
import type { Summary } from '#contracts/trainer-messages.js';

/** null where the trial has no such number. Test comes first; nothing falls back from test to validation. */
export function readMetric(summary: Summary, metric: string): number | null {
  const [split, name] = splitOf(metric);
  if (name !== undefined) return summary[split][name] ?? null;
  const own = (summary as Record<string, unknown>)[metric];
  return summary.test[metric] ?? (typeof own === 'number' ? own : null);
}

/** The examples that a metric of a split was measured on ("n test = 34"); null for the summary's own numbers,
 *  for one task's of a mixture, and where sizes were not recorded. */
export function measuredOn(
  summary: Summary,
  metric: string,
): { split: 'test' | 'validation'; n: number } | null {
  const [split, name = metric] = splitOf(metric);
  if (!summary.sizes || !(name in summary[split]) || name.includes('/')) return null;
  return { split, n: summary.sizes[split] };
}

/** Every metric that some cell has, test before validation, the summary's own numbers last. */
export function metricsOf(cells: readonly CellView[]): string[] {
  const [test, validation, own] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const { summary } of cells) {
    if (!summary) continue;
    for (const name in summary.test) test.add(name);
    for (const name in summary.validation) if (!validation.has(name)) validation.add(name);
    for (const name in summary) if (typeof summary[name as keyof Summary] === 'number') own.add(name);
  }
  return [...new Set([...test, ...[...validation].map((name) => `validation.${name}`), ...own])];
}

/** The test metric that a task reports, else the first that was measured; "accuracy" while nothing is. */
export function defaultMetric(cells: readonly CellView[]): string {
  const known = metricsOf(cells);
  const names = new Set(known);
  const reported = cells.find(({ summary }) => summary && names.has(summary.reportBy))?.summary?.reportBy;
  return reported ?? known[0] ?? 'accuracy';
}

/** Shares are in [0, 1] and shown in percent. */
export function isShare(metric: string): boolean {
  return scaleOf(metric)?.unit === 'share';
}

/** The least and the most that a metric can be; undefined where nothing bounds it. */
export function possibleOf(metric: string): readonly [number, number] | undefined {
  const unit = scaleOf(metric)?.unit;
  if (unit === 'share') return [0, 1];
  return unit === 'correlation' ? [-1, 1] : undefined;
}

/** Numbers that the config decides, no training: an interval over seeds would say nothing of them. */
export function isCount(metric: string): boolean {
  return metric === 'trainableParameters' || metric === 'totalParameters' || metric === 'steps';
}

/** What the trial measured without training (majority, zero-shot, naive Bayes) that stands beside this metric
 *  of the test examples. Of a mixture's metrics "rte/accuracy" has its own task's, and the mean over tasks
 *  their mean. */
export function referencesBeside(
  { references, reportBy }: Summary,
  metric: string,
): Readonly<Record<string, number>> {
  const key = `${reportBy}\n${metric}`;
  const known = besides.get(references) ?? new Map<string, Record<string, number>>();
  besides.set(references, known);
  const beside = known.get(key) ?? readBeside(references, reportBy, metric);
  known.set(key, beside);
  return beside;
}

const besides = new WeakMap<Summary['references'], Map<string, Record<string, number>>>();

function readBeside(
  references: Summary['references'],
  reportBy: string,
  metric: string,
): Record<string, number> {
  const [split, name = metric] = splitOf(metric);
  const [task, own] = inTask(name);
  if (split !== 'test' || own !== reportBy) return {};
  const beside: Record<string, number> = {};
  for (const key of orderOf(Object.keys(references))) {
    const [of, reference] = inTask(key);
    if (of === task) beside[reference] = references[key]!;
  }
  return beside;
}

const referenceOrder = ['majority', 'zero-shot', 'word-tags', 'naive-bayes'];

/** Scores without training in one order everywhere, whatever order they were stored in: of each task
 *  constants, then models, the others by name. */
export function inReferenceOrder<T>(scores: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(orderOf(Object.keys(scores)).map((name) => [name, scores[name]!]));
}

const orders = new Map<string, readonly string[]>(); // the trials of a grid have the same few references

function orderOf(names: readonly string[]): readonly string[] {
  const key = names.join('\n');
  const known = orders.get(key);
  if (known) return known;
  const rank = (name: string) =>
    referenceOrder.includes(name) ? referenceOrder.indexOf(name) : referenceOrder.length;
  const ordered = names.toSorted((left, right) => {
    const [[taskA, a], [taskB, b]] = [inTask(left), inTask(right)];
    if (taskA !== taskB) return taskA < taskB ? -1 : 1;
    return rank(a) - rank(b) || (a < b ? -1 : 1);
  });
  if (orders.size >= mostOrders) orders.clear();
  orders.set(key, ordered);
  return ordered;
}

const mostOrders = 1_000;

/** "rte/accuracy" -> ["rte", "accuracy"]; what is of no one task -> ["", …]. */
function inTask(name: string): [string, string] {
  const slash = name.indexOf('/');
  return [name.slice(0, Math.max(0, slash)), name.slice(slash + 1)];
}

function splitOf(metric: string): ['test' | 'validation', string | undefined] {
  const [, split, name] = /^(test|validation)\.(.+)$/.exec(metric) ?? [];
  return [split === 'validation' ? 'validation' : 'test', name];
}
