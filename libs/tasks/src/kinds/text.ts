import type { MetricOf } from '#contracts/scales.js';
import { type Dataset, hashOf, type Splits, refuseEmpty } from '../dataset.js';
import { copiedInput, nearestText } from './text-references.js';
import { textMetrics } from './text-metrics.js';

/** What a text task tells where the grid file asks for nothing else: cheap to validate by, then what is
 *  written. */
const usual = ['loss', 'bleu', 'rougeL'] as const;

/** A dataset whose answers are written. The first metric chooses checkpoints; what is written alone can be
 *  reported of the references. Throws an Error where a split is empty, or no metric is of what is written. */
export function textDataset(
  splits: Splits<'text'>,
  asked: readonly MetricOf<'text'>[] | null = null,
): Dataset<'text'> {
  refuseEmpty(splits);
  const metrics = (asked ?? usual).map((name) => textMetrics[name]);
  const written = metrics.find(({ needs }) => needs === 'said');
  if (!written) throw new Error('no metric is of what is written');
  const dataset: Dataset<'text'> = {
    ...splits,
    kind: 'text',
    metrics,
    validateBy: metrics[0]!.name,
    reportBy: written.name,
    references: { copy: () => copiedInput(dataset), nearest: () => nearestText(dataset) },
    hash: hashOf(splits),
  };
  return dataset;
}
