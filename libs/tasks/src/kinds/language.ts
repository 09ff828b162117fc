import { type Dataset, hashOf, type Parts, refuseEmpty } from '../dataset.js';
import { bitsPerByte, perplexity } from '../metrics/likelihood.js';
import { likelihoodMetric, type Metric } from '../metrics/metric.js';

/** How well text is predicted. Perplexity depends on the tokenizer, bits by byte do not. */
export const languageMetrics: readonly Metric<'language'>[] = [
  likelihoodMetric('perplexity', (_examples, all) => perplexity(all)),
  likelihoodMetric('bitsPerByte', (_examples, all) => bitsPerByte(all)),
];

/** A dataset whose texts are predicted themselves. Throws where a split is empty. */
export function languageDataset(parts: Parts<'language'>): Dataset<'language'> {
  refuseEmpty(parts);
  return {
    ...parts,
    kind: 'language',
    metrics: languageMetrics,
    validateBy: 'perplexity',
    reportBy: 'bitsPerByte',
    references: {}, // a likelihood needs a model
    hash: hashOf(parts),
  };
}
