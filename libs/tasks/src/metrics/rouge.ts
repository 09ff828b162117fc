import { countNgrams, overlap } from './ngrams.js';
import { checkReferences, type References } from './references.js';
import { rememberingStemmer } from './tokens/porter-stemmer.js';

/** ROUGE by what it counts: words, pairs of words, the longest common subsequence. */
export type RougeName = 'rouge1' | 'rouge2' | 'rougeL';

/** Mean ROUGE over examples as F1 in [0, 1], larger is better (Lin 2004). Equal to rouge-score 0.1.2: tokens
 *  are ASCII letters and digits in lower case. Those of more than three letters are stemmed unless `stem` is
 *  off. The best reference of an example counts (`score_multi`). Throws an Error where an example has no
 *  reference. */
export function rouge(
  name: RougeName,
  said: readonly string[],
  references: References,
  { stem = true } = {},
): number {
  checkReferences(said, references);
  const stemOf = stem ? rememberingStemmer() : (word: string) => word;
  const tokens = (text: string) =>
    (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).map((w) => (w.length > 3 ? stemOf(w) : w));
  const scores = said.map((text, i) => {
    const own = tokens(text);
    return Math.max(...references[i]!.map((other) => f1(name, own, tokens(other))));
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

function f1(name: RougeName, said: readonly string[], reference: readonly string[]): number {
  if (name === 'rougeL') return harmonicMean(commonLength(said, reference), said.length, reference.length);
  const n = name === 'rouge1' ? 1 : 2;
  const both = overlap(countNgrams(said, n), countNgrams(reference, n));
  return harmonicMean(both, said.length - n + 1, reference.length - n + 1);
}

const harmonicMean = (both: number, said: number, reference: number): number =>
  both > 0 ? (2 * both) / (said + reference) : 0;

/** Length of the longest common subsequence of two texts. */
function commonLength(a: readonly string[], b: readonly string[]): number {
  let row = new Int32Array(b.length + 1);
  for (const word of a) {
    const next = new Int32Array(b.length + 1);
    for (let j = 1; j <= b.length; j++)
      next[j] = word === b[j - 1] ? row[j - 1]! + 1 : Math.max(row[j]!, next[j - 1]!);
    row = next;
  }
  return row[b.length]!;
}
