import type { Kind } from '#contracts/kind.js';
import { type MetricName, scales } from '#contracts/scales.js';
import { choiceAccuracyOf } from '../kinds/choice.js';
import { accuracyOf, groupsOf, macroF1Of, matthewsOf } from '../kinds/class.js';
import { clozeMetrics } from '../kinds/cloze.js';
import { languageMetrics } from '../kinds/language.js';
import { numberMetrics } from '../kinds/number.js';
import { questionMetrics } from '../kinds/span.js';
import { spanMetrics, spanTag, tokenAccuracyOf, wordAccuracyOf } from '../kinds/tags.js';
import { textMetrics } from '../kinds/text-metrics.js';
import type { Metric } from './metric.js';

/** The metrics that answers of each kind can have, for data with these labels: what is computed of predictions that were
 *  kept. What a dataset tells of its own is in its `metrics`. */
const metrics: { [K in Kind]: (labels: readonly string[]) => readonly Metric<K>[] } = {
  class: () => [accuracyOf, macroF1Of, groupsOf, matthewsOf],
  choice: () => [choiceAccuracyOf],
  tags: (labels) => (labels.every((label) => spanTag.test(label)) ? [...spanMetrics(labels), tokenAccuracyOf] : [wordAccuracyOf]),
  span: () => questionMetrics,
  text: () => textMetrics,
  cloze: () => clozeMetrics,
  number: () => numberMetrics,
  language: () => languageMetrics,
};

/** The metrics that answers of a kind can have, by name. */
export const metricsOfKind = <K extends Kind>(kind: K, labels: readonly string[]): Map<string, Metric<K>> =>
  new Map(metrics[kind](labels).map((metric) => [metric.name, metric]));

/** Names of metrics that no kept answer has: those of mixtures, of pretraining. */
const ofNoKind: readonly MetricName[] = ['mean-score'];

/** The names of metrics that some kind of answer has. */
export const metricNames: readonly string[] = (Object.keys(scales) as MetricName[]).filter((name) => !ofNoKind.includes(name));
