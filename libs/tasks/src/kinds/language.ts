import type { MetricOf } from '#contracts/scales.js';
import { type Dataset, hashOf, type Splits, refuseEmpty } from '../dataset.js';
import { bitsPerByte, perplexity } from '../metrics/likelihood.js';
import { likelihoodMetric, lossOf, type Metric } from '../metrics/metric.js';

/** How well text is predicted. Perplexity depends on the tokenizer, bits by byte do not. */
export const languageMetrics: { [N in MetricOf<'language'>]: Metric<'language'> } = {
  perplexity: likelihoodMetric('perplexity', (_examples, all) => perplexity(all)),
  bitsPerByte: likelihoodMetric('bitsPerByte', (_examples, all) => bitsPerByte(all)),
  loss: lossOf(),
};

/** A dataset whose texts are predicted themselves. Throws where a split is empty. */
export function languageDataset(splits: Splits<'language'>): Dataset<'language'> {
  refuseEmpty(splits);
  return {
    ...splits,
    kind: 'language',
    metrics: [languageMetrics.perplexity, languageMetrics.bitsPerByte],
    validateBy: 'perplexity',
    reportBy: 'bitsPerByte',
    references: {}, // a likelihood needs a model
    hash: hashOf(splits),
  };
}
