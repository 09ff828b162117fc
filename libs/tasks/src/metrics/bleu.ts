import { countNgrams, largestCounts, overlap } from './ngrams.js';
import { checkReferences, type References } from './references.js';
import { tokens13a } from './tokens/tokens-13a.js';

const longest = 4; // n-grams up to this length

/** Corpus BLEU in [0, 100], larger is better (Papineni et al. 2002). Equal to sacreBLEU 2.6.0 with its
 *  defaults: tokens 13a, exponential smoothing, several references. The reference nearest in length counts
 *  for the brevity penalty; of two, the shorter. `lowercase` ignores case, as the scripts of E2E
 *  (mteval-v13a), WebNLG and DART (multi-bleu -lc) do. Throws an Error where an example has no reference. */
export function bleu(said: readonly string[], references: References, { lowercase = false } = {}): number {
  checkReferences(said, references);
  const tokens = (text: string) => tokens13a(lowercase ? text.toLowerCase() : text);
  const right = new Array<number>(longest).fill(0);
  const total = new Array<number>(longest).fill(0);
  let [saidLength, referenceLength] = [0, 0];
  for (const [i, text] of said.entries()) {
    const own = tokens(text);
    const others = references[i]!.map(tokens);
    saidLength += own.length;
    referenceLength += nearestLength(own.length, others);
    for (let n = 1; n <= longest; n++) {
      right[n - 1]! += overlap(
        countNgrams(own, n),
        largestCounts(others.map((other) => countNgrams(other, n))),
      );
      total[n - 1]! += Math.max(0, own.length - n + 1);
    }
  }
  return brevityPenalty(saidLength, referenceLength) * meanPrecision(right, total);
}

function nearestLength(length: number, references: readonly string[][]): number {
  const lengths = references.map((tokens) => tokens.length);
  return lengths.reduce((best, l) => {
    const nearer = Math.abs(l - length) - Math.abs(best - length);
    return nearer < 0 || (nearer === 0 && l < best) ? l : best;
  });
}

const brevityPenalty = (said: number, reference: number): number =>
  said >= reference ? 1 : said === 0 ? 0 : Math.exp(1 - reference / said);

/** Geometric mean of the precisions in percent. The first without a hit counts as half a hit, the next as a
 *  quarter (Chen & Cherry 2014, method 3). 0 where no word is right, or no n-gram of some length was said. */
function meanPrecision(right: readonly number[], total: readonly number[]): number {
  if (right.every((hits) => hits === 0) || total.includes(0)) return 0;
  let smoothing = 1;
  const logs = right.map((hits, n) => Math.log((100 * (hits || 1 / (smoothing *= 2))) / total[n]!));
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / longest);
}
