/** Metrics of the rank of what is right among what was said, most likely first. Ranks are counted from 1;
 *  null where what is right is not among the candidates at all, which counts as wrong. Means over examples in
 *  [0, 1]. */
export type Rank = number | null;

/** Share of examples whose right word is among the first k: P@k of LAMA (Petroni et al. 2019). */
export function precisionAt(k: number, ranks: readonly Rank[]): number {
  return meanOf(ranks, (rank) => Number(rank <= k));
}

/** Mean reciprocal rank, in (0, 1] where every right word is a candidate. */
export function meanReciprocalRank(ranks: readonly Rank[]): number {
  return meanOf(ranks, (rank) => 1 / rank);
}

/** The rank of the candidate at `right` by scores, larger first. Equal scores share the worst of their ranks,
 *  so that a model that scores all alike is not right by chance. Throws an Error where `right` is no
 *  candidate or has no number. */
export function rankOf(right: number, scores: ArrayLike<number>): number {
  const own = scores[right];
  if (own === undefined || Number.isNaN(own))
    throw new Error(`candidate ${right} of ${scores.length} has no score`);
  let rank = 0;
  for (let i = 0; i < scores.length; i++) if (!(scores[i]! < own)) rank++;
  return rank;
}

function meanOf(ranks: readonly Rank[], of: (rank: number) => number): number {
  if (ranks.length === 0) throw new Error('a metric of no examples is undefined');
  const wrong = ranks.find((rank) => rank !== null && !(Number.isInteger(rank) && rank >= 1));
  if (wrong !== undefined) throw new Error(`a rank is a whole number from 1, not ${wrong}`);
  return ranks.reduce<number>((sum, rank) => sum + (rank === null ? 0 : of(rank)), 0) / ranks.length;
}
