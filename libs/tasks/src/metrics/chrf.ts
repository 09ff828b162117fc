import { countNgrams, overlap } from './ngrams.js';
import { checkReferences, type References } from './references.js';
import { piecesOf } from './tokens/whitespace.js';

const characterOrder = 6;
const beta = 2; // recall counts for twice as much as precision

/** Corpus chrF in [0, 100], larger is better (Popović 2015). Equal to sacreBLEU 2.6.0: character n-grams up
 *  to 6 without white space, beta 2. Of several references that with the best score counts. `wordOrder: 2` is
 *  chrF++ (Popović 2017). Throws an Error where an example has no reference. */
export function chrf(
  said: readonly string[],
  references: References,
  { wordOrder = 0, lowercase = false } = {},
): number {
  checkReferences(said, references);
  const counted = (text: string) => ngramsOf(lowercase ? text.toLowerCase() : text, wordOrder);
  const total: Counts[] = Array.from({ length: characterOrder + wordOrder }, () => ({
    said: 0,
    reference: 0,
    both: 0,
  }));
  for (const [i, text] of said.entries()) {
    const own = counted(text);
    const best = nearest(references[i]!.map((other) => compare(own, counted(other))));
    for (const [n, { said, reference, both }] of best.entries()) {
      total[n]!.said += said;
      total[n]!.reference += reference;
      total[n]!.both += both;
    }
  }
  return score(total);
}

/** N-grams of one length: how many were said, how many the reference has, and how many both have. */
interface Counts {
  said: number;
  reference: number;
  both: number;
}

/** Character n-grams by length, then word n-grams by length. */
function ngramsOf(text: string, wordOrder: number): Map<string, number>[] {
  const characters = Array.from(piecesOf(text).join(''));
  const words = wordOrder > 0 ? piecesOf(text).flatMap(separatePunctuation) : [];
  return [
    ...Array.from({ length: characterOrder }, (_, n) => countCharacters(characters, n + 1)),
    ...Array.from({ length: wordOrder }, (_, n) => countNgrams(words, n + 1)),
  ];
}

function countCharacters(characters: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= characters.length; i++) {
    let ngram = characters[i]!;
    for (let j = i + 1; j < i + n; j++) ngram += characters[j]!;
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}

const punctuation = new Set('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');

/** A word with one mark of punctuation at its end or, where it has none there, at its beginning set apart. */
function separatePunctuation(word: string): string[] {
  const characters = Array.from(word);
  if (characters.length === 1) return [word];
  if (punctuation.has(characters.at(-1)!)) return [word.slice(0, -1), word.slice(-1)];
  return punctuation.has(word[0]!) ? [word[0]!, word.slice(1)] : [word];
}

const compare = (said: readonly Map<string, number>[], reference: readonly Map<string, number>[]): Counts[] =>
  said.map((own, n) => ({
    said: reference[n]!.size > 0 ? sum(own) : 0, // what no reference can have is not counted as wrong
    reference: sum(reference[n]!),
    both: overlap(own, reference[n]!),
  }));

const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((a, b) => a + b, 0);

/** Of the comparisons with several references the first that has the best score. */
function nearest(comparisons: readonly Counts[][]): Counts[] {
  const scores = comparisons.map(score);
  return comparisons[scores.indexOf(Math.max(...scores))]!;
}

/** F of mean precision and mean recall over the lengths of n-grams that both texts have. */
function score(counts: readonly Counts[]): number {
  const there = counts.filter(({ said, reference }) => said > 0 && reference > 0);
  if (there.length === 0) return 0;
  const precision = there.reduce((sum, { said, both }) => sum + both / said, 0) / there.length;
  const recall = there.reduce((sum, { reference, both }) => sum + both / reference, 0) / there.length;
  if (precision + recall === 0) return 0;
  return (100 * (1 + beta ** 2) * precision * recall) / (beta ** 2 * precision + recall);
}
