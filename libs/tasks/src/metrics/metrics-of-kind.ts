import type { Kind } from '#contracts/kind.js';
import { kindsWithMetric, type MetricOf } from '#contracts/scales.js';
import { choiceAccuracyOf } from '../kinds/choice.js';
import { accuracyOf, groupsOf, macroF1Of, matthewsOf } from '../kinds/class.js';
import { clozeMetrics } from '../kinds/cloze.js';
import { languageMetrics } from '../kinds/language.js';
import { numberMetrics } from '../kinds/number.js';
import { questionMetrics } from '../kinds/span.js';
import { spanMetrics, spanTag, tokenAccuracyOf, wordAccuracyOf } from '../kinds/tags.js';
import { textMetrics } from '../kinds/text-metrics.js';
import { lossOf, type Metric } from './metric.js';

/** The metrics of a kind by name; null where data with such labels cannot have one. */
type OfKind<K extends Kind> = { [N in MetricOf<K>]: Metric<K> | null };

/** The metrics that answers of each kind can have, for data with these labels: what is computed of
 *  predictions that were kept. What a dataset tells of its own is in its `metrics`. */
const metrics: { [K in Kind]: (labels: readonly string[]) => OfKind<K> } = {
  class: () => ({
    accuracy: accuracyOf,
    f1: macroF1Of,
    exactMatch: groupsOf,
    matthews: matthewsOf,
    loss: lossOf(),
  }),
  choice: () => ({ accuracy: choiceAccuracyOf, loss: lossOf() }),
  tags: (labels) => {
    if (!labels.every((label) => spanTag.test(label)))
      return {
        accuracy: wordAccuracyOf,
        f1: null,
        precision: null,
        recall: null,
        tokenAccuracy: null,
        loss: lossOf(),
      };
    return { ...spanMetrics(labels), tokenAccuracy: tokenAccuracyOf, accuracy: null, loss: lossOf() };
  },
  span: () => ({ ...questionMetrics, loss: lossOf() }),
  text: () => textMetrics,
  cloze: () => ({ ...clozeMetrics, loss: lossOf() }),
  number: () => numberMetrics,
  language: () => languageMetrics,
};

/** The metrics that answers of a kind can have, by name. */
export const metricsOfKind = <K extends Kind>(kind: K, labels: readonly string[]): Map<string, Metric<K>> =>
  new Map(
    Object.entries<Metric<K> | null>(metrics[kind](labels)).flatMap(([name, metric]) =>
      metric ? [[name, metric]] : [],
    ),
  );

/** The names of metrics that some kind of answer has. */
export const metricNames: readonly string[] = Object.entries(kindsWithMetric).flatMap(([name, kinds]) =>
  kinds.length > 0 ? [name] : [],
);
