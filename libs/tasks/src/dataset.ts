import { createHash } from 'node:crypto';
import type { Kind } from '#contracts/kind.js';
import type { SplitSizes } from '#contracts/trainer-messages.js';
import type { Example, Said } from './example.js';
import { type Answered, definedOn, type Metric, valueOf } from './metrics/metric.js';
import type { Split } from './reading/split.js';

export interface Dataset<K extends Kind = Kind> {
  name: string;
  kind: K;
  labels: string[]; // as in the data; empty where the kind has none
  labelWords: string[]; // what a verbalizer says for each
  train: Example<K>[];
  validation: Example<K>[];
  test: Example<K>[];
  // mixture: the tasks that it is made of, in the order of the splits' examples
  tasks?: readonly MixedTask<K>[];
  metrics: readonly Metric<K>[]; // in the order in which they are told
  validateBy: string; // the metric that chooses checkpoints, on validation only
  reportBy: string; // the metric of the references
  /** Which of the texts that were written for an example is its answer; absent: the first, the model's best.
   */
  choose?(texts: readonly string[], example: Example<K>): string;
  /** Test answers without a model, by name: what a method must beat. */
  references: Readonly<Record<string, () => Said[K][]>>;
  hash: string; // sha256 over every split's ids, inputs and answers, in order
}

export type AnyDataset = { [K in Kind]: Dataset<K> }[Kind];

/** One task of a mixture. */
export interface MixedTask<K extends Kind = Kind> {
  name: string;
  dataset: Dataset<K>; // as it is alone
  labels: { from: number; to: number }; // its own among the mixture's, `to` is one beyond the last
  share: number; // its examples in an epoch of the mixture
}

/** What a file's reader gives: a dataset without what its kind adds. */
export interface Splits<K extends Kind> extends Pick<Dataset<K>, 'name' | 'labels' | 'labelWords' | Split> {
  warnings?: readonly string[]; // what of the data may be wrong, and is no reason to refuse it
}

/** Every metric that a split can have, in the dataset's order. Throws where there is not one answer for each
 *  example. */
export function scoresOf<K extends Kind>(
  dataset: Dataset<K>,
  split: 'validation' | 'test',
  answered: Answered<K>,
): Record<string, number> {
  const { [split]: examples } = dataset;
  const metrics = definedOn(dataset.metrics, examples);
  return Object.fromEntries(metrics.map((metric) => [metric.name, valueOf(metric, examples, answered)]));
}

/** sha256 over the labels and every split's ids, inputs and answers, in order. */
export function hashOf<K extends Kind>(splits: Pick<Dataset<K>, 'labels' | 'labelWords' | Split>): string {
  const hash = createHash('sha256').update(JSON.stringify([splits.labels, splits.labelWords]));
  for (const split of ['train', 'validation', 'test'] as const)
    for (const { id, input, answer } of splits[split])
      hash.update(JSON.stringify([split, id, input, answer]));
  return hash.digest('hex');
}

export const sizesOf = ({ train, validation, test }: Pick<Dataset, Split>): SplitSizes => ({
  train: train.length,
  validation: validation.length,
  test: test.length,
});

/** Throws where a split has no example. */
export function refuseEmpty(splits: Pick<Dataset, 'name' | Split>): void {
  for (const split of ['train', 'validation', 'test'] as const)
    if (splits[split].length === 0) throw new Error(`the ${split} split of ${splits.name} is empty`);
}
