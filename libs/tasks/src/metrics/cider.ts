import { countNgrams } from './ngrams.js';
import { checkReferences, type References } from './references.js';
import { pennTokens } from './tokens/penn-tokens.js';

const longest = 4; // n-grams up to this length
const sigma = 6; // words by which a length may differ

/** Corpus CIDEr-D, in [0, 10] (Vedantam et al. 2015), as pycocoevalcap 1.2 and E2E's script compute it: for each length of
 *  n-gram the cosine of tf-idf vectors, clipped by the reference and less for another length, as a mean over lengths,
 *  references and examples, times 10. An n-gram is rare where few examples have it in a reference, so that one example
 *  alone scores 0. Tokens are the Penn Treebank's without case and punctuation, see pennTokens.
 *  Throws an Error where an example has no reference. */
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

const countAll = (tokens: readonly string[]): Counts => Array.from({ length: longest }, (_, n) => countNgrams(tokens, n + 1));

/** Logarithm of examples over examples with the n-gram among their references; of a new n-gram as of one that one has. */
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
