import type { MetricName } from '#contracts/scales.js';
import type { Kind } from '#contracts/kind.js';
import { accuracyOf, groupsOf, macroF1Of, matthewsOf } from '../kinds/class.js';
import { spanMetrics, spanTag, tokenAccuracyOf, wordAccuracyOf } from '../kinds/tags.js';
import type { Metric } from './metric.js';

/** A metric for data with these labels; null where such labels cannot have it. */
type OfLabels<K extends Kind> = (labels: readonly string[]) => Metric<K> | null;

const areSpans = (labels: readonly string[]): boolean => labels.every((label) => spanTag.test(label));
const ofSpans = (name: MetricName): OfLabels<'tags'> => (labels) => areSpans(labels) ? spanMetrics(labels).find((m) => m.name === name)! : null; // prettier-ignore

/** Every metric by its name, for each kind of answer that can have it: what is computed of predictions that were kept. What a dataset
 *  tells of its own is in its `metrics`. */
const metrics = {
  accuracy: { class: () => accuracyOf, tags: (labels) => (areSpans(labels) ? null : wordAccuracyOf) },
  f1: { class: () => macroF1Of, tags: ofSpans('f1') },
  exactMatch: { class: () => groupsOf },
  matthews: { class: () => matthewsOf },
  precision: { tags: ofSpans('precision') },
  recall: { tags: ofSpans('recall') },
  tokenAccuracy: { tags: (labels) => (areSpans(labels) ? tokenAccuracyOf : null) },
  'mean-score': {}, // of the tasks of a mixture
  loss: {}, // of a language model
} satisfies Record<MetricName, { [K in Kind]?: OfLabels<K> }>;

/** The metrics that answers of a kind can have, by name, for data with these labels. */
export function metricsOfKind<K extends Kind>(kind: K, labels: readonly string[]): Map<string, Metric<K>> {
  const found = new Map<string, Metric<K>>();
  for (const [name, kinds] of Object.entries<{ [L in Kind]?: OfLabels<L> }>(metrics)) {
    const metric = (kinds[kind] as OfLabels<K> | undefined)?.(labels);
    if (metric) found.set(name, metric);
  }
  return found;
}

/** The names of metrics that some kind of answer has. */
export const metricNames: readonly string[] = Object.entries(metrics).flatMap(([name, kinds]) =>
  Object.keys(kinds).length ? [name] : [],
);
