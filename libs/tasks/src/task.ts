import type { Example, Kind, Said } from './example.js';
import type { Metric } from './metrics/metric.js';

export interface Dataset<K extends Kind = Kind> {
  name: string;
  kind: K;
  labels: string[]; // as in the data
  labelWords: string[]; // what a verbalizer says for each
  train: Example<K>[];
  validation: Example<K>[];
  test: Example<K>[];
  parts?: readonly MixedPart<K>[]; // mixture: the tasks that it is made of, in the order of the splits' examples
  metrics: readonly Metric<K>[]; // in the order in which they are told
  validateBy: string; // the metric that chooses checkpoints, on validation only
  reportBy: string; // the metric of the references
  /** Test answers without a model, by name: what a method must beat. */
  references: Readonly<Record<string, () => Said[K][]>>;
  hash: string; // sha256 over every split's ids, inputs and answers, in order
}

export type AnyDataset = { [K in Kind]: Dataset<K> }[Kind];

/** One task of a mixture. */
export interface MixedPart<K extends Kind = Kind> {
  name: string;
  dataset: Dataset<K>; // as it is alone
  labels: { from: number; to: number }; // its own among the mixture's, `to` is one beyond the last
  share: number; // its examples in an epoch of the mixture
}
