import type { SplitSizes } from '#contracts/trainer-messages.js';
import type { Kind, Said } from './example.js';
import type { Dataset } from './task.js';

type Splits = 'train' | 'validation' | 'test';

/** What a file's reader gives: a dataset without what its kind adds. */
export interface Parts<K extends Kind> extends Pick<Dataset<K>, 'name' | 'labels' | 'labelWords' | Splits> {
  warnings?: readonly string[]; // what of the data may be wrong, and is no reason to refuse it
}

/** Every metric of one split, in the dataset's order. Throws where there is not one answer for each example. */
export function scoresOf<K extends Kind>(
  dataset: Dataset<K>,
  split: 'validation' | 'test',
  said: readonly Said[K][],
): Record<string, number> {
  const { [split]: examples, metrics } = dataset;
  if (said.length !== examples.length) throw new Error(`${said.length} answers for ${examples.length} examples`);
  return Object.fromEntries(metrics.map((metric) => [metric.name, metric.of(examples, said)]));
}

export const sizesOf = ({ train, validation, test }: Pick<Dataset, Splits>): SplitSizes => ({
  train: train.length,
  validation: validation.length,
  test: test.length,
});

/** Throws where a split has no example. */
export function refuseEmpty(parts: Pick<Dataset, 'name' | Splits>): void {
  for (const split of ['train', 'validation', 'test'] as const)
    if (parts[split].length === 0) throw new Error(`the ${split} split of ${parts.name} is empty`);
}
