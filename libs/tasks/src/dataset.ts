import { createHash } from 'node:crypto';
import type { SplitSizes } from '#contracts/trainer-messages.js';
import { accuracy, macroF1 } from './metrics/classification.js';
import type { Dataset, Example } from './task.js';

export interface Parts extends Pick<Dataset, 'name' | 'labels' | 'labelWords' | 'train' | 'validation' | 'test'> {
  warnings?: readonly string[]; // what of the data may be wrong, and is no reason to refuse it
}
type Score = (examples: readonly Example[], labels: Int32Array, predictions: Int32Array) => Record<string, number>;

/** A dataset of these splits, scored by accuracy and macro-F1 unless told otherwise. Throws where a split is empty. */
export function datasetOf(parts: Parts, score: Score = defaultScore, selectBy = 'accuracy'): Dataset {
  refuseEmpty(parts);
  const labelsOf = { validation: labels(parts.validation), test: labels(parts.test) };
  return {
    ...parts,
    selectBy,
    score(split, predictions) {
      const expected = labelsOf[split];
      if (predictions.length !== expected.length)
        throw new Error(`${predictions.length} predictions for ${expected.length} examples`);
      return score(parts[split], expected, predictions);
    },
    hash: hashOf(parts),
  };
}

export const sizesOf = ({ train, validation, test }: Pick<Dataset, 'train' | 'validation' | 'test'>): SplitSizes => ({
  train: train.length,
  validation: validation.length,
  test: test.length,
});

export function refuseEmpty(parts: Parts): void {
  for (const split of ['train', 'validation', 'test'] as const) {
    if (parts[split].length === 0) throw new Error(`the ${split} split of ${parts.name} is empty`);
  }
}

const labels = (examples: readonly Example[]) => Int32Array.from(examples, (e) => e.label);

const defaultScore: Score = (_examples, expected, predictions) => ({
  accuracy: accuracy(expected, predictions),
  f1: macroF1(expected, predictions),
});

function hashOf(parts: Parts): string {
  const hash = createHash('sha256').update(JSON.stringify([parts.labels, parts.labelWords]));
  for (const split of ['train', 'validation', 'test'] as const) {
    for (const { id, input, label } of parts[split]) hash.update(JSON.stringify([split, id, input, label]));
  }
  return hash.digest('hex');
}
