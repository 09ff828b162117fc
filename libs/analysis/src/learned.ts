/** Whether training made a trial any better than what needs none. docs/tables.md tells the definition. */
import { scaleOf } from '#contracts/scales.js';
import type { Summary } from '#contracts/trainer-messages.js';
import { readMetric, referencesBeside } from './metrics.js';

/** A constant answer, and the model that was there before. Naive Bayes and the like are trained: to fall
 *  below them is no sign of nothing learned. */
const untrained = ['majority', 'zero-shot'];

/** A score without training, and the metric that it is of. */
export type Beside = [name: string, score: number, metric: string];

/** The references that a trial's test score is no better than, best first, where it is no better than the
 *  best untrained one: then it has learned nothing that shows. null where it has, or where nothing tells.
 *  `metric`: of the test examples; one without references is told by the trial's own. */
export function learnedNothing(summary: Summary, metric?: string): Beside[] | null {
  const own = summary.reportBy;
  const asked = metric !== undefined && hasReferences(summary, metric) ? [metric] : null;
  const told = asked ?? (hasReferences(summary, own) ? [own] : tasksOf(summary, own));
  const each = told.map((name) => below(summary, name));
  return each.length && each.every((found) => found !== null) ? each.flat() : null;
}

const hasReferences = (summary: Summary, metric: string): boolean =>
  readMetric(summary, metric) !== null && untrained.some((name) => name in referencesBeside(summary, metric));

/** Of a mixture whose tasks have no common metric: each task's. */
const tasksOf = (summary: Summary, own: string): string[] =>
  Object.keys(summary.test).filter((name) => name.endsWith(`/${own}`) && hasReferences(summary, name));

function below(summary: Summary, metric: string): Beside[] | null {
  const score = readMetric(summary, metric)!;
  const beside = referencesBeside(summary, metric);
  const known = untrained.flatMap((name): Beside[] =>
    name in beside ? [[name, beside[name]!, metric]] : [],
  );
  const sign = scaleOf(metric)?.better === 'smaller' ? -1 : 1;
  const notExceeded = known.filter(([, reference]) => sign * (score - reference) <= tiny);
  return notExceeded.length ? notExceeded.toSorted((a, b) => sign * (b[1] - a[1])) : null;
}

const tiny = 1e-9; // scores are shares of counts: nothing real is nearer
