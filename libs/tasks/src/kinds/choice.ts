import { type Dataset, hashOf, type Splits, refuseEmpty } from '../dataset.js';
import type { Answers, Said } from '../example.js';
import { accuracy } from '../metrics/classification.js';
import { type Metric, metric } from '../metrics/metric.js';

/** Share of examples whose right choice was said. */
export const choiceAccuracyOf: Metric<'choice'> = metric('accuracy', (examples, said) =>
  accuracy(
    examples.map((e) => e.answer.right),
    said.map(({ choice }, i) => rightAs(examples[i]!.answer, choice)),
  ),
);

/** Any of several right choices counts as the first of them. */
const rightAs = ({ right, alsoRight = [] }: Answers['choice'], choice: number | null): number =>
  choice === null ? -1 : alsoRight.includes(choice) ? right : choice;

/** A dataset whose examples have choices of their own. Throws where a split is empty. */
export function choiceDataset(
  splits: Splits<'choice'>,
  metrics: readonly Metric<'choice'>[] = [choiceAccuracyOf],
): Dataset<'choice'> {
  refuseEmpty(splits);
  const dataset: Dataset<'choice'> = {
    ...splits,
    kind: 'choice',
    metrics,
    validateBy: metrics[0]!.name,
    reportBy: metrics[0]!.name,
    references: { majority: () => majorityPlace(dataset), longest: () => longestChoice(dataset) },
    hash: hashOf(splits),
  };
  return dataset;
}

/** The place at which the right choice most often stands in training. */
function majorityPlace({ train, test }: Dataset<'choice'>): Said['choice'][] {
  const counts = new Map<number, number>();
  for (const { answer } of train) counts.set(answer.right, (counts.get(answer.right) ?? 0) + 1);
  const [[choice]] = [...counts].toSorted(([a, m], [b, n]) => n - m || a - b) as [[number, number]];
  return test.map(() => ({ choice }));
}

/** The choice of most characters: what tests written by people often give away. */
const longestChoice = ({ test }: Dataset<'choice'>): Said['choice'][] =>
  test.map(({ answer: { choices } }) => {
    const lengths = choices.map((choice) => choice.length);
    return { choice: lengths.indexOf(Math.max(...lengths)) };
  });
