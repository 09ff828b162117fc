import type { MetricOf } from '#contracts/scales.js';
import { type Dataset, hashOf, type Splits, refuseEmpty } from '../dataset.js';
import type { Said } from '../example.js';
import { type Metric, metric } from '../metrics/metric.js';
import { meanReciprocalRank, precisionAt } from '../metrics/ranking.js';

const ranks = (said: readonly Said['cloze'][]): (number | null)[] => said.map(({ rank }) => rank);

/** The metrics of words at a mask, as LAMA has them (Petroni et al. 2019 §4.4). */
export const clozeMetrics: { [N in Exclude<MetricOf<'cloze'>, 'loss'>]: Metric<'cloze'> } = {
  precisionAt1: metric('precisionAt1', (_examples, said) => precisionAt(1, ranks(said))),
  precisionAt10: metric('precisionAt10', (_examples, said) => precisionAt(10, ranks(said))),
  meanReciprocalRank: metric('meanReciprocalRank', (_examples, said) => meanReciprocalRank(ranks(said))),
};

/** A dataset whose answers stand at a mask. Throws where a split is empty. */
export function clozeDataset(splits: Splits<'cloze'>): Dataset<'cloze'> {
  refuseEmpty(splits);
  const dataset: Dataset<'cloze'> = {
    ...splits,
    kind: 'cloze',
    metrics: Object.values(clozeMetrics),
    validateBy: 'meanReciprocalRank',
    reportBy: 'precisionAt1',
    references: { majority: () => mostFrequentWords(dataset) },
    hash: hashOf(splits),
  };
  return dataset;
}

/** Words by how often they are right in training, the same for every test example; equally frequent ones by
 *  the alphabet. An example's candidates keep to themselves. */
function mostFrequentWords({ train, test }: Dataset<'cloze'>): Said['cloze'][] {
  const counts = new Map<string, number>();
  for (const { answer } of train) counts.set(answer.word, (counts.get(answer.word) ?? 0) + 1);
  const words = [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([word]) => word);
  return test.map(({ answer: { word, candidates } }) => {
    const among = candidates ? words.filter((w) => candidates.includes(w)) : words;
    const place = among.indexOf(word);
    return { rank: place < 0 ? null : place + 1, words: among.slice(0, 10) };
  });
}
