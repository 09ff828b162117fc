import { type Dataset, hashOf, type Parts, refuseEmpty } from '../dataset.js';
import type { Likelihood } from '../example.js';
import { likelihoodMetric, type Metric } from '../metrics/metric.js';

const sum = (likelihoods: readonly Likelihood[], of: keyof Likelihood): number => likelihoods.reduce((all, l) => all + l[of], 0);

/** How well text is predicted. Perplexity depends on the tokenizer, bits by byte do not. */
export const languageMetrics: readonly Metric<'language'>[] = [
  likelihoodMetric('perplexity', (_examples, all) => Math.exp(sum(all, 'nats') / sum(all, 'tokens'))),
  likelihoodMetric('bitsPerByte', (_examples, all) => sum(all, 'nats') / Math.LN2 / sum(all, 'bytes')),
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
