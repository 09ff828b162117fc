import type { Kind } from '#contracts/kind.js';
import type { Example, Said } from '../example.js';
import type { Metric } from './metric.js';

/** The metrics of all examples, and those of what is said once more for each group of examples, as
 *  "unseen/bleu". A split without an example of a group has none of its metrics. */
export function withGroups<K extends Kind>(
  metrics: readonly Metric<K>[],
  groups: readonly string[],
): Metric<K>[] {
  const own = groups.flatMap((group) =>
    metrics.flatMap((metric) => (metric.needs === 'said' ? [ofGroup(metric, group)] : [])),
  );
  return [...metrics, ...own];
}

function ofGroup<K extends Kind>(metric: Metric<K> & { needs: 'said' }, group: string): Metric<K> {
  const isOwn = (example: Example<K>) => example.group === group;
  return {
    ...metric,
    name: `${group}/${metric.name}`,
    isDefined: (examples: readonly Example<K>[]) => examples.some(isOwn),
    of: (examples: readonly Example<K>[], said: readonly Said[K][]) =>
      metric.of(
        examples.filter(isOwn),
        said.filter((_, i) => isOwn(examples[i]!)),
      ),
  };
}
