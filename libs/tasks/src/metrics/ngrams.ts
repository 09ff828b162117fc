/** How often each n-gram of tokens occurs. The key of an n-gram is its tokens with a blank between, which no
 *  token has. Fewer than n tokens have none. */
export function countNgrams(tokens: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const ngram = n === 1 ? tokens[i]! : tokens.slice(i, i + n).join(' ');
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}

/** For each n-gram, the largest of its counts. */
export function largestCounts(all: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const largest = new Map(all[0]);
  for (const counts of all.slice(1))
    for (const [ngram, count] of counts) if (count > (largest.get(ngram) ?? 0)) largest.set(ngram, count);
  return largest;
}

/** How many n-grams two counts have in common: the sum of the smaller counts. */
export function overlap(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let both = 0;
  for (const [ngram, count] of a) both += Math.min(count, b.get(ngram) ?? 0);
  return both;
}
