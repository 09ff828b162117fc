import type { MetricOf } from '#contracts/scales.js';
import { type Dataset, hashOf, type Splits, refuseEmpty } from '../dataset.js';
import type { Example, Said } from '../example.js';
import { pearson, spearman } from '../metrics/correlation.js';
import { type Metric, metric } from '../metrics/metric.js';

const rightOf = (examples: readonly Example<'number'>[]): number[] =>
  examples.map(({ answer }) => answer.value);

/** What was said; where that is no number, the mean of what is right, which no correlation rewards. */
function numbersOf(examples: readonly Example<'number'>[], said: readonly Said['number'][]): number[] {
  const right = rightOf(examples);
  const mean = right.reduce((a, b) => a + b, 0) / right.length;
  return said.map(({ value }) => value ?? mean);
}

/** A correlation, and 0 where one side is constant: it then says nothing of the other. */
const correlation =
  (of: typeof pearson): Extract<Metric<'number'>, { needs: 'said' }>['of'] =>
  (examples, said) =>
    of(rightOf(examples), numbersOf(examples, said)) || 0;

/** The metrics of numbers: STS-B's correlations (Cer et al. 2017), and the mean squared error. */
export const numberMetrics: { [N in MetricOf<'number'>]: Metric<'number'> } = {
  pearson: metric('pearson', correlation(pearson)),
  spearman: metric('spearman', correlation(spearman)),
  meanSquaredError: metric('meanSquaredError', (examples, said) => {
    const [right, own] = [rightOf(examples), numbersOf(examples, said)];
    return right.reduce((sum, value, i) => sum + (value - own[i]!) ** 2, 0) / right.length;
  }),
};

/** A dataset with a number for each text. Throws where a split is empty. */
export function numberDataset(splits: Splits<'number'>): Dataset<'number'> {
  refuseEmpty(splits);
  const pairs = splits.test.every(({ input }) => input.length === 2);
  const dataset: Dataset<'number'> = {
    ...splits,
    kind: 'number',
    metrics: Object.values(numberMetrics),
    validateBy: 'pearson',
    reportBy: 'pearson',
    references: pairs ? { 'word-overlap': () => wordOverlap(dataset) } : {},
    hash: hashOf(splits),
  };
  return dataset;
}

/** The share of words that both sentences of a pair have, of those that either has. */
const wordOverlap = ({ test }: Dataset<'number'>): Said['number'][] =>
  test.map(({ input: [first, second] }) => {
    const [a, b] = [wordsOf(first!), wordsOf(second!)];
    const both = [...a].filter((word) => b.has(word)).length;
    return { value: both / (a.size + b.size - both || 1) };
  });

const wordsOf = (text: string): Set<string> => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
