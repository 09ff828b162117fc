/** A look at what a model said: some of the examples, and what all of them amount to. */
import type { Prediction, PredictionsQuery, PredictionsView } from '#contracts/predictions.js';
import type { OpenPredictions } from '#contracts/read-predictions.js';
import { canBeWrong, isWrong } from './is-wrong.js';

/** Reads the file to its end and holds what is asked for alone. Answers that are neither right nor wrong have
 *  no wrong ones. Throws DamagedPredictions. */
export async function predictionsPage(
  { head, predictions }: OpenPredictions,
  query: PredictionsQuery,
): Promise<PredictionsView> {
  const { split, wrong: onlyWrong, n, offset } = query;
  const shown: Prediction[] = [];
  const confusion = new Map<string, { right: number; said: number | null; count: number }>();
  let [examples, wrong] = [0, 0];
  for await (const prediction of predictions) {
    if (prediction.split !== split) continue;
    const place = onlyWrong ? wrong : examples;
    const missed = isWrong(prediction);
    examples++;
    if (missed) wrong++;
    if ((missed || !onlyWrong) && place >= offset && shown.length < n) shown.push(prediction);
    if (prediction.kind !== 'class') continue;
    const { answer, said } = prediction;
    const key = `${answer.label} ${said.label}`;
    const pair = confusion.get(key) ?? { right: answer.label, said: said.label, count: 0 };
    pair.count++;
    confusion.set(key, pair);
  }
  const counts = head.kind === 'class' ? [...confusion.values()].toSorted(byPlace) : null;
  return {
    ...head,
    split,
    examples,
    wrong: canBeWrong(head.kind) ? wrong : null,
    offset,
    predictions: shown,
    confusion: counts,
  };
}

const byPlace = (
  a: { right: number; said: number | null },
  b: { right: number; said: number | null },
): number => a.right - b.right || (a.said ?? Infinity) - (b.said ?? Infinity);
