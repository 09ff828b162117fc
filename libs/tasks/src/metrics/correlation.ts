/** Pearson's correlation of two series of numbers in [-1, 1], as scipy's pearsonr. NaN where one is constant,
 *  as there. Throws an Error for series of two lengths, or of fewer than two numbers. */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length)
    throw new Error(`a correlation needs pairs; there are ${a.length} and ${b.length} numbers`);
  if (a.length < 2) throw new Error('a correlation needs at least two pairs');
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  let [both, squareA, squareB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]! - meanA, b[i]! - meanB];
    both += x * y;
    squareA += x * x;
    squareB += y * y;
  }
  if (isConstant(a) || isConstant(b)) return Number.NaN;
  return Math.max(-1, Math.min(1, both / Math.sqrt(squareA) / Math.sqrt(squareB)));
}

/** Spearman's correlation: Pearson's of ranks, equal numbers having their mean rank, as scipy's spearmanr. */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return pearson(ranksOf(a), ranksOf(b));
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

const isConstant = (values: ArrayLike<number>): boolean =>
  Array.from(values).every((value) => value === values[0]);

/** Ranks from 1, the mean of their places for equal numbers. */
function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1]!] === values[order[from]!]) to++;
    for (let k = from; k <= to; k++) ranks[order[k]!] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return ranks;
}
