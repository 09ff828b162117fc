/** What can be read out of a finished trial: "accuracy" (test), "validation.accuracy", or a number of the summary itself ("stepMs"). */
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

/** The examples that a metric of a split was measured on ("n test = 34"); null for the summary's own numbers, for one task's of a mixture, and
 *  where sizes were not recorded. */
export function measuredOn(summary: Summary, metric: string): { split: 'test' | 'validation'; n: number } | null {
  const [split, name = metric] = splitOf(metric);
  if (!summary.sizes || !(name in summary[split]) || name.includes('/')) return null;
  return { split, n: summary.sizes[split] };
}

/** Every metric that some cell has, test before validation, the summary's own numbers last. */
export function metricsOf(cells: readonly CellView[]): string[] {
  const [test, validation, own] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const { summary } of cells) {
    if (!summary) continue;
    for (const name of Object.keys(summary.test)) test.add(name);
    for (const name of Object.keys(summary.validation)) validation.add(`validation.${name}`);
    for (const [name, value] of Object.entries(summary)) if (typeof value === 'number') own.add(name);
  }
  return [...new Set([...test, ...validation, ...own])];
}

/** The test metric that a task reports, else the first that was measured; "accuracy" while nothing is. */
export function defaultMetric(cells: readonly CellView[]): string {
  const known = metricsOf(cells);
  const reported = cells.map(({ summary }) => summary?.reportBy).find((name) => name !== undefined && known.includes(name));
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

/** What the trial measured without training (majority, zero-shot, naive Bayes) that stands beside this metric of the test examples. Of a mixture's
 *  metrics "rte/accuracy" has its own task's, and the mean over tasks their mean. */
export function referencesBeside({ references, reportBy }: Summary, metric: string): Record<string, number> {
  const [split, name = metric] = splitOf(metric);
  const [task, own] = inTask(name);
  if (split !== 'test' || own !== reportBy) return {};
  const parted = Object.entries(references).map(([key, value]) => [...inTask(key), value] as const);
  return inReferenceOrder(Object.fromEntries(parted.filter(([of]) => of === task).map(([, key, value]) => [key, value])));
}

const referenceOrder = ['majority', 'zero-shot', 'word-tags', 'naive-bayes'];

/** Scores without training in one order everywhere, whatever order they were stored in: of each task constants, then models, the others by name. */
export function inReferenceOrder<T>(scores: Readonly<Record<string, T>>): Record<string, T> {
  const rank = (name: string) => (referenceOrder.includes(name) ? referenceOrder.indexOf(name) : referenceOrder.length);
  const keyed = Object.entries(scores).map((entry) => ({ entry, parts: inTask(entry[0]) }));
  const sorted = keyed.toSorted(({ parts: [taskA, a] }, { parts: [taskB, b] }) => {
    if (taskA !== taskB) return taskA < taskB ? -1 : 1;
    return rank(a) - rank(b) || (a < b ? -1 : 1);
  });
  return Object.fromEntries(sorted.map(({ entry }) => entry));
}

/** "rte/accuracy" -> ["rte", "accuracy"]; what is of no one task -> ["", …]. */
function inTask(name: string): [string, string] {
  const slash = name.indexOf('/');
  return [name.slice(0, Math.max(0, slash)), name.slice(slash + 1)];
}

function splitOf(metric: string): ['test' | 'validation', string | undefined] {
  const [, split, name] = /^(test|validation)\.(.+)$/.exec(metric) ?? [];
  return [split === 'validation' ? 'validation' : 'test', name];
}
