import type { MetricOf } from '#contracts/scales.js';
import { type Dataset, hashOf, type Splits, refuseEmpty } from '../dataset.js';
import type { Example, Said } from '../example.js';
import { type Metric, metric } from '../metrics/metric.js';
import { type AnswerScores, squadScores } from '../metrics/squad.js';

/** The texts of the right answers; none: there is no answer. */
const answersOf = ({ input, answer: { answers } }: Example<'span'>): string[] =>
  answers.map(({ from, to }) => input.at(-1)!.slice(from, to));

/** Of examples where some have no answer by SQuAD 2.0's script, else by 1.1's. */
function scoresOf(examples: readonly Example<'span'>[], said: readonly Said['span'][]): AnswerScores {
  const answers = examples.map(answersOf);
  const version = answers.some((own) => own.length === 0) ? '2.0' : '1.1';
  return squadScores(said.map(({ text }) => text), answers, version); // prettier-ignore
}

/** SQuAD's metrics: the best over an example's right answers. No answer is the empty text. */
export const questionMetrics: { [N in Exclude<MetricOf<'span'>, 'loss'>]: Metric<'span'> } = {
  f1: metric('f1', (examples, said) => scoresOf(examples, said).f1),
  exactMatch: metric('exactMatch', (examples, said) => scoresOf(examples, said).exactMatch),
};

/** A dataset whose answers are stretches of a context. Throws where a split is empty. */
export function spanDataset(splits: Splits<'span'>): Dataset<'span'> {
  refuseEmpty(splits);
  const { test } = splits;
  const unanswerable = test.some(({ answer }) => answer.answers.length === 0);
  return {
    ...splits,
    kind: 'span',
    metrics: Object.values(questionMetrics),
    validateBy: 'f1',
    reportBy: 'f1',
    references: {
      'whole-context': () =>
        test.map(({ input }) => ({ text: input.at(-1)!, from: 0, to: input.at(-1)!.length })),
      ...(unanswerable && { 'no-answer': () => test.map(() => ({ text: '', from: null, to: null })) }),
    },
    hash: hashOf(splits),
  };
}
