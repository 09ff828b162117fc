/** Metrics of predicted classes. A prediction of -1 is "no valid label" and is wrong. Values in [0, 1]. */

/** Share of predictions that are right. */
export function accuracy(labels: ArrayLike<number>, predictions: ArrayLike<number>): number {
  let right = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i] === predictions[i]) right++;
  return right / labels.length;
}

/** F1 of one class: 2 TP / (2 TP + FP + FN); 0 where it is neither predicted nor there. */
export function f1(labels: ArrayLike<number>, predictions: ArrayLike<number>, positive: number): number {
  let both = 0;
  let either = 0;
  for (let i = 0; i < labels.length; i++) {
    const isPositive = labels[i] === positive;
    const saidPositive = predictions[i] === positive;
    if (isPositive && saidPositive) both++;
    either += Number(isPositive) + Number(saidPositive);
  }
  return either === 0 ? 0 : (2 * both) / either;
}

/** Mean F1 over the classes that occur among the labels or the predictions, each counted once: scikit-learn's
 *  f1_score(average="macro"). "No valid label" is no class, but what was asked there is missed. */
export function macroF1(labels: ArrayLike<number>, predictions: ArrayLike<number>): number {
  const classes = [...new Set([...Array.from(labels), ...Array.from(predictions)])].filter((c) => c >= 0);
  return classes.reduce((sum, c) => sum + f1(labels, predictions, c), 0) / classes.length;
}

/** F1 over all classes together, 2 TP / (2 TP + FP + FN): scikit-learn's f1_score(average="micro"). It is the
 *  accuracy, but for "no valid label", which is missed and is no wrong class. */
export function microF1(labels: ArrayLike<number>, predictions: ArrayLike<number>): number {
  const said = Array.from(predictions).filter((c) => c >= 0).length;
  return (2 * accuracy(labels, predictions) * labels.length) / (labels.length + said);
}

/** Matthews' correlation of labels and predictions for any number of classes, in [-1, 1] (Gorodkin 2004, eq.
 *  8); 0 where either is constant: scikit-learn's matthews_corrcoef. "No valid label" is a class that is
 *  predicted and never there. */
export function matthews(labels: ArrayLike<number>, predictions: ArrayLike<number>): number {
  const n = labels.length;
  const [there, said] = [countsOf(labels), countsOf(predictions)];
  let right = 0;
  for (let i = 0; i < n; i++) if (labels[i] === predictions[i]) right++;
  const dot = (a: Map<number, number>, b: Map<number, number>) =>
    [...a].reduce((sum, [c, count]) => sum + count * (b.get(c) ?? 0), 0);
  const spread = (n * n - dot(there, there)) * (n * n - dot(said, said));
  return spread === 0 ? 0 : (right * n - dot(there, said)) / Math.sqrt(spread);
}

function countsOf(classes: ArrayLike<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (const c of Array.from(classes)) counts.set(c, (counts.get(c) ?? 0) + 1);
  return counts;
}

/** Share of groups whose every item is right: MultiRC's exact match over the answers of a question. */
export function groupExactMatch(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  groups: readonly string[],
): number {
  const right = new Map<string, boolean>();
  groups.forEach((group, i) => right.set(group, (right.get(group) ?? true) && labels[i] === predictions[i]));
  return [...right.values()].filter(Boolean).length / right.size;
}
