import { synonymsOf } from '../corpora/wordnet-synonyms.js';
import { checkReferences, type References } from './references.js';
import { rememberingStemmer } from './tokens/porter-stemmer.js';
import { tokens13a } from './tokens/tokens-13a.js';

const alpha = 0.9; // recall counts for nine times as much as precision
const beta = 3;
const gamma = 0.5; // the largest penalty for words in another order

/** Mean METEOR over examples in [0, 1], larger is better (Banerjee & Lavie 2005; weights of Lavie & Agarwal
 *  2007). Equal to NLTK's `meteor_score` over tokens 13a: words match where they are the same, have the same
 *  Porter stem, or are synonyms in WordNet. The best reference counts. Synonyms are WordNet 3.1's, as in
 *  `nltk.corpus.wordnet31`; NLTK's default is 3.0. E2E's and WebNLG's scripts have METEOR 1.5 instead, with
 *  paraphrases and other weights. Throws an Error where an example has no reference. */
export function meteor(said: readonly string[], references: References): number {
  checkReferences(said, references);
  const scores = meteorOfTokens(
    said.map(tokens13a),
    references.map((own) => own.map(tokens13a)),
  );
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** METEOR of each example, out of tokens of its own. */
export function meteorOfTokens(
  said: readonly (readonly string[])[],
  references: readonly (readonly (readonly string[])[])[],
): number[] {
  const ways = { stem: rememberingStemmer(), synonyms: remembering((word) => [word, ...synonymsOf(word)]) };
  const lower = (tokens: readonly string[]) => tokens.map((token) => token.toLowerCase());
  return said.map((tokens, i) => {
    const own = lower(tokens);
    return Math.max(...references[i]!.map((other) => scoreOne(own, lower(other), ways)));
  });
}

interface Ways {
  stem(word: string): string;
  synonyms(word: string): readonly string[];
}

function remembering(of: (word: string) => readonly string[]): (word: string) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (word) => {
    const found = known.get(word) ?? of(word);
    known.set(word, found);
    return found;
  };
}

function scoreOne(said: readonly string[], reference: readonly string[], ways: Ways): number {
  const matches = align(said, reference, ways);
  if (matches.length === 0) return 0;
  const precision = matches.length / said.length;
  const recall = matches.length / reference.length;
  const mean = (precision * recall) / (alpha * precision + (1 - alpha) * recall);
  const disorder = chunks(matches) / matches.length;
  return (1 - gamma * disorder ** beta) * mean;
}

/** Pairs of a word said and the word of the reference that it matches, in the order said. Equal words come
 *  first, then equal stems, then synonyms, each of what was left. As in NLTK synonyms are those of stems, so
 *  that "dogs" has some and "happy", whose stem is "happi", has none. */
function align(
  said: readonly string[],
  reference: readonly string[],
  { stem, synonyms }: Ways,
): [number, number][] {
  const matches: [number, number][] = [];
  const open = { said: [...said.keys()], reference: [...reference.keys()] };
  const match = (wordsOf: (i: number) => readonly string[], wordOf: (j: number) => string) => {
    const found = matchFromEnd(open.said, wordsOf, open.reference, wordOf);
    matches.push(...found);
    const [taken, met] = [new Set(found.map(([i]) => i)), new Set(found.map(([, j]) => j))];
    open.said = open.said.filter((i) => !taken.has(i));
    open.reference = open.reference.filter((j) => !met.has(j));
  };
  const stemOf = (j: number) => stem(reference[j]!);
  match((i) => [said[i]!], (j) => reference[j]!); // prettier-ignore
  match((i) => [stem(said[i]!)], stemOf);
  match((i) => synonyms(stem(said[i]!)), stemOf);
  return matches.sort((a, b) => a[0] - b[0]);
}

/** From the end of what was said, each word takes the last word of the reference that is still free and one
 *  of its own. */
function matchFromEnd(
  said: readonly number[],
  wordsOf: (i: number) => readonly string[],
  reference: readonly number[],
  wordOf: (j: number) => string,
): [number, number][] {
  const places = new Map<string, number[]>();
  for (const j of reference) {
    const known = places.get(wordOf(j));
    if (known) known.push(j);
    else places.set(wordOf(j), [j]);
  }
  return said.toReversed().flatMap((i) => {
    const last = Math.max(...wordsOf(i).map((word) => places.get(word)?.at(-1) ?? -1));
    if (last < 0) return [];
    places.get(wordOf(last))!.pop();
    return [[i, last] as [number, number]];
  });
}

/** Into how many runs of neighbours in both texts the matches fall. */
const chunks = (matches: readonly [number, number][]): number =>
  matches.filter(([i, j], k) => k === 0 || i !== matches[k - 1]![0] + 1 || j !== matches[k - 1]![1] + 1)
    .length;
