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

/** Mean F1 over the classes that occur among the labels or the predictions, each counted once: scikit-learn's f1_score(average="macro"). "No valid
 *  label" is no class, but what was asked there is missed. */
export function macroF1(labels: ArrayLike<number>, predictions: ArrayLike<number>): number {
  const classes = [...new Set([...Array.from(labels), ...Array.from(predictions)])].filter((c) => c >= 0);
  return classes.reduce((sum, c) => sum + f1(labels, predictions, c), 0) / classes.length;
}

/** Share of groups whose every item is right: MultiRC's exact match over the answers of a question. */
export function groupExactMatch(labels: ArrayLike<number>, predictions: ArrayLike<number>, groups: readonly string[]): number {
  const right = new Map<string, boolean>();
  groups.forEach((group, i) => right.set(group, (right.get(group) ?? true) && labels[i] === predictions[i]));
  return [...right.values()].filter(Boolean).length / right.size;
}
