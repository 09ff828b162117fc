import { countNgrams, largestCounts } from './ngrams.js';
import { checkReferences, type References } from './references.js';
import { tokens13a } from './tokens/tokens-13a.js';

const longest = 5; // n-grams up to this length
const beta = Math.log(2) / Math.log(1.5) ** 2; // a text of two thirds of the references' length scores half

/** Corpus NIST, 0 or more, larger is better (Doddington 2002). Equal to what E2E's script prints
 *  (e2e-metrics, mteval-v13a-sig.pl). Tokens are 13a's without case; n-grams up to 5 count by what they tell.
 *  Counts are clipped by the reference that has most. Texts with fewer words than the references are
 *  penalised; the length of the references is all their words over the mean number of those that are not
 *  empty. NLTK's corpus_nist differs: it takes the best reference for each length of n-gram. Throws an Error
 *  where an example has no reference. */
export function nist(said: readonly string[], references: References): number {
  checkReferences(said, references);
  const tokens = (text: string) => tokens13a(text).map((token) => token.toLowerCase());
  const own = said.map(tokens);
  const others = references.map((texts) => texts.map(tokens));
  const words = wordsIn(others.flat());
  let score = 0;
  let shorter = new Map([['', words]]);
  for (let n = 1; n <= longest; n++) {
    const counted = others.map((texts) => texts.map((text) => countNgrams(text, n)));
    const inReferences = totalCounts(counted.flat());
    const told = (ngram: string) =>
      Math.log2(shorter.get(ngram.split(' ').slice(0, -1).join(' '))! / inReferences.get(ngram)!);
    let [information, total] = [0, 0];
    for (const [i, text] of own.entries()) {
      const most = largestCounts(counted[i]!);
      for (const [ngram, count] of countNgrams(text, n)) {
        const hits = Math.min(count, most.get(ngram) ?? 0);
        if (hits > 0) information += hits * told(ngram);
      }
      total += Math.max(0, text.length - n + 1);
    }
    if (total > 0) score += information / total;
    shorter = inReferences;
  }
  const written = others.flat().filter((text) => text.length > 0).length;
  return score * lengthPenalty(wordsIn(own), written > 0 ? (words * said.length) / written : 0);
}

const wordsIn = (texts: readonly string[][]): number => texts.reduce((sum, text) => sum + text.length, 0);

function totalCounts(all: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const total = new Map<string, number>();
  for (const counts of all)
    for (const [ngram, count] of counts) total.set(ngram, (total.get(ngram) ?? 0) + count);
  return total;
}

function lengthPenalty(said: number, reference: number): number {
  if (said >= reference) return 1;
  return said === 0 ? 0 : Math.exp(-beta * Math.log(said / reference) ** 2);
}
