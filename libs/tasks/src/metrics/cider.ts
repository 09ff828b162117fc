import { countNgrams } from './ngrams.js';
import { checkReferences, type References } from './references.js';
import { pennTokens } from './tokens/penn-tokens.js';

const longest = 4; // n-grams up to this length
const sigma = 6; // words by which a length may differ

/** Corpus CIDEr-D in [0, 10], larger is better (Vedantam et al. 2015). Equal to pycocoevalcap 1.2, which
 *  E2E's script has: ten times the mean cosine of tf-idf vectors of n-grams up to 4, over references and
 *  examples. Counts are clipped by the reference, and another length costs. An n-gram that many examples have
 *  in a reference tells little; of one example alone all do, and the score is 0. Tokens are those of
 *  pennTokens. Throws an Error where an example has no reference. */
export function cider(said: readonly string[], references: References): number {
  checkReferences(said, references);
  return ciderOfTokens(
    said.map(pennTokens),
    references.map((own) => own.map(pennTokens)),
  );
}

/** CIDEr-D out of tokens of its own. */
export function ciderOfTokens(
  said: readonly (readonly string[])[],
  references: readonly (readonly (readonly string[])[])[],
): number {
  const counted = references.map((own) => own.map(countAll));
  const rarity = inverseFrequencies(counted);
  const scores = said.map((tokens, i) => {
    const own = vectorOf(countAll(tokens), rarity);
    const sum = counted[i]!.reduce((sum, counts) => sum + similarity(own, vectorOf(counts, rarity)), 0);
    return (10 * sum) / counted[i]!.length;
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** N-grams by their length. */
type Counts = Map<string, number>[];

const countAll = (tokens: readonly string[]): Counts =>
  Array.from({ length: longest }, (_, n) => countNgrams(tokens, n + 1));

/** Logarithm of the number of examples over those with the n-gram in a reference, at least one. */
function inverseFrequencies(references: readonly Counts[][]): (ngram: string) => number {
  const examples = new Map<string, number>();
  for (const own of references)
    for (const ngram of new Set(own.flatMap((counts) => counts.flatMap((c) => [...c.keys()]))))
      examples.set(ngram, (examples.get(ngram) ?? 0) + 1);
  const all = Math.log(references.length);
  return (ngram) => all - Math.log(examples.get(ngram) ?? 1);
}

interface Vector {
  weights: Map<string, number>[]; // by length of n-gram
  norms: number[];
  length: number; // pairs of words, which the released code takes for the length
}

function vectorOf(counts: Counts, rarity: (ngram: string) => number): Vector {
  const weights = counts.map((c) => new Map([...c].map(([ngram, count]) => [ngram, count * rarity(ngram)])));
  const norms = weights.map((w) => Math.sqrt([...w.values()].reduce((sum, x) => sum + x * x, 0)));
  return { weights, norms, length: [...counts[1]!.values()].reduce((sum, count) => sum + count, 0) };
}

/** Mean over lengths of n-grams. */
function similarity(said: Vector, reference: Vector): number {
  const near = Math.exp(-((said.length - reference.length) ** 2) / (2 * sigma ** 2));
  let sum = 0;
  for (let n = 0; n < longest; n++) {
    let product = 0;
    for (const [ngram, weight] of said.weights[n]!) {
      const other = reference.weights[n]!.get(ngram) ?? 0;
      product += Math.min(weight, other) * other;
    }
    const norm = said.norms[n]! * reference.norms[n]!;
    if (norm !== 0) sum += (product / norm) * near;
  }
  return sum / longest;
}
