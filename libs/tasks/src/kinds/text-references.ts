import type { Dataset } from '../dataset.js';
import { joined, type Said } from '../example.js';

/** The input as it is: what a summary or a transfer of style must beat. */
export const copiedInput = ({ test }: Dataset<'text'>): Said['text'][] =>
  test.map(({ input }) => ({ text: joined(input) }));

/** The text of the training example whose input has the most words in common, by the share of words that
 *  either has (Jaccard). Of equals the first. */
export function nearestText({ train, test }: Dataset<'text'>): Said['text'][] {
  const sets = train.map(({ input }) => wordsOf(joined(input)));
  const having = new Map<string, number[]>(); // word -> training examples
  for (const [i, words] of sets.entries())
    for (const word of words) {
      const own = having.get(word);
      if (own) own.push(i);
      else having.set(word, [i]);
    }
  const common = new Int32Array(train.length);
  return test.map(({ input }) => {
    const words = wordsOf(joined(input));
    common.fill(0);
    for (const word of words) for (const i of having.get(word) ?? []) common[i]!++;
    let [best, most] = [0, -1];
    for (const [i, own] of sets.entries()) {
      const share = common[i]! / (own.size + words.size - common[i]! || 1);
      if (share > most) [best, most] = [i, share];
    }
    return { text: train[best]!.answer.references[0]! };
  });
}

const wordsOf = (text: string): Set<string> => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
