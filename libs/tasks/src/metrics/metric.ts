import type { Kind } from '#contracts/kind.js';
import { type MetricName, type Scale, scales } from '#contracts/scales.js';
import type { Example, Likelihood, Said } from '../example.js';
import { meanNats } from './likelihood.js';

type Needs<K extends Kind> =
  | { needs: 'said'; of(examples: readonly Example<K>[], said: readonly Said[K][]): number }
  | { needs: 'likelihood'; of(examples: readonly Example<K>[], likelihoods: readonly Likelihood[]): number };

/** One number that says how well a model answers a split, with its unit and direction. It is computed of what
 *  was said of each example, or of how likely the right answers were found. */
export type Metric<K extends Kind> = Scale & {
  name: string;
  /** Whether these examples can have it; absent: any can. */
  isDefined?(examples: readonly Example<K>[]): boolean;
} & Needs<K>;

/** A metric of what is said, by its name, whose scale stands in contracts/scales.ts. */
export const metric = <K extends Kind>(
  name: MetricName,
  of: (examples: readonly Example<K>[], said: readonly Said[K][]) => number,
): Metric<K> & { needs: 'said' } => ({ name, ...scales[name], needs: 'said', of });

/** A metric of likelihoods, by its name. */
export const likelihoodMetric = <K extends Kind>(
  name: MetricName,
  of: (examples: readonly Example<K>[], likelihoods: readonly Likelihood[]) => number,
): Metric<K> & { needs: 'likelihood' } => ({ name, ...scales[name], needs: 'likelihood', of });

/** Mean nats of a token of what is right: what training lowers, on examples that it does not see. */
export const lossOf = <K extends Kind>(): Metric<K> =>
  likelihoodMetric('loss', (_examples, all) => meanNats(all));

/** What a model made of a split: one entry for each example. */
export interface Answered<K extends Kind> {
  said: readonly Said[K][];
  likelihoods?: readonly Likelihood[]; // where a metric needs them
}

/** The metrics that these examples can have. */
export const definedOn = <K extends Kind>(
  metrics: readonly Metric<K>[],
  examples: readonly Example<K>[],
): Metric<K>[] => metrics.filter(({ isDefined = () => true }) => isDefined(examples));

/** A metric's value. Throws where there is not one entry for each example. */
export function valueOf<K extends Kind>(
  metric: Metric<K>,
  examples: readonly Example<K>[],
  answered: Answered<K>,
): number {
  if (metric.needs === 'said') return metric.of(examples, ofEach(examples, answered.said, 'answers'));
  return metric.of(examples, ofEach(examples, answered.likelihoods ?? [], 'likelihoods'));
}

function ofEach<T>(examples: readonly unknown[], values: readonly T[], what: string): readonly T[] {
  if (values.length !== examples.length)
    throw new Error(`${values.length} ${what} for ${examples.length} examples`);
  return values;
}
