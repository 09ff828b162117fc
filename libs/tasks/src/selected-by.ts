import type { Kind } from '#contracts/kind.js';
import { scales } from '#contracts/scales.js';
import type { Dataset } from './dataset.js';
import { definedOn, type Metric, valueOf } from './metrics/metric.js';
import { metricsOfKind } from './metrics/metrics-of-kind.js';

/** Metrics that not all data of a kind can have: a task that has them lists them. */
const ofSomeData: readonly string[] = ['exactMatch of class', 'slotErrorRate of text'];

/** The dataset with checkpoints chosen by another metric, which is told with its own; null: as it is. Throws
 *  an Error where its validation examples can't have the metric. */
export function selectedBy<K extends Kind>(dataset: Dataset<K>, name: string | null): Dataset<K> {
  if (name === null) return dataset;
  const { metrics, kind, labels, tasks, validation } = dataset;
  const own = metrics.find((metric) => metric.name === name);
  if (own && definedOn([own], validation).length > 0) return { ...dataset, validateBy: name };
  const other =
    own || tasks
      ? undefined
      : name === 'mean-score'
        ? meanScoreOf(metrics)
        : metricsOfKind(kind, labels).get(name);
  if (other && !ofSomeData.includes(`${name} of ${kind}`) && definedOn([other], validation).length > 0)
    return { ...dataset, metrics: [...metrics, other], validateBy: name };
  const known = metrics.map((metric) => metric.name).join(', ');
  throw new Error(`training.selectBy: ${dataset.name} has no ${name}; it has ${known}`);
}

/** Mean of a task's shares: what Lester et al. (2021) choose by where a task has two metrics. undefined: it
 *  has not two. */
function meanScoreOf<K extends Kind>(metrics: readonly Metric<K>[]): Metric<K> | undefined {
  const shares = metrics.filter(({ unit, needs }) => unit === 'share' && needs === 'said');
  if (shares.length < 2) return undefined;
  return {
    name: 'mean-score',
    ...scales['mean-score'],
    needs: 'said',
    isDefined: (examples) => definedOn(shares, examples).length === shares.length,
    of: (examples, said) =>
      shares.reduce((sum, metric) => sum + valueOf(metric, examples, { said }), 0) / shares.length,
  };
}
