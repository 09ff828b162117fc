/** A suite's means as people read them: a table of its own, and how to read it. */
import { metricsOfTask } from '#contracts/suites.js';
import { isEqual, metricText } from './number-text.js';
import type { Estimate } from './statistics.js';
import type { SuiteMeans, SuiteRow } from './suite-means.js';
import { visibleLine } from './visible-text.js';

const metric = 'mean-score'; // shown in percent, as the benchmarks do

/** Header and rows: a column for each task that some row has, then the mean. */
export function suiteLines({ suite, tasks, body }: SuiteMeans): string[][] {
  const shown = tasks.map((_, i) => body.some(({ scores }) => scores[i]));
  const own = <T>(values: readonly T[]) => values.filter((_, i) => shown[i]);
  return [
    [suite, ...own(tasks), 'mean'],
    ...body.map((row) => [
      visibleLine(row.label),
      ...own(row.scores).map((score) => (score ? metricText(score.mean, metric) : '–')),
      meanText(row, tasks.length),
    ]),
  ];
}

/** "71.2 ± 1.0", or "5 of 8 tasks: no mean". */
function meanText({ mean, values, seeds, measured }: SuiteRow, tasks: number): string {
  if (!mean) return `${measured} of ${tasks} tasks: no mean`;
  const { n } = mean;
  const count = n < seeds ? ` (n ${n} of ${seeds})` : n === 1 ? ' (n 1)' : '';
  return intervalText(mean, isEqual(values.map(({ value }) => value))) + count;
}

function intervalText({ n, mean, halfWidth }: Estimate, equal: boolean): string {
  const text = metricText(mean, metric);
  if (halfWidth === null) return text;
  return equal ? `${text} (${n} equal)` : `${text} ± ${metricText(halfWidth, metric)}`;
}

/** What the columns are. */
export function suiteNotes({ suite, split, tasks }: SuiteMeans): string[] {
  const twofold = tasks.filter((task) => metricsOfTask(suite, task).length > 1);
  const named = twofold.map((task) => `${task} (${metricsOfTask(suite, task).join(', ')})`).join(', ');
  return [
    `${suite}: ${split} scores times 100. A task of two metrics counts their mean: ${named}.`,
    `The mean is over all ${tasks.length} tasks, formed for each seed first; its interval is over seeds.`,
  ];
}
