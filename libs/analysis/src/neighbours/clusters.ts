import { bare } from '#contracts/bare-token.js';

/** Whether words that are nearest to one vector have something in common: their letters, or a relation in
 *  WordNet. Lester et al. 2021 §7 find by eye {Technology, technology, Technologies} and {entirely,
 *  completely, totally}. */

export type Likeness = 'string' | 'wordnet';

export interface Cluster {
  words: string[]; // in the order given
  by: Likeness[]; // which likenesses hold it together
}

/** Groups of two words and more, each like another one of its group; the largest first. `related` says
 *  whether two words of lower case stand in a relation of WordNet; absent: letters alone count. */
export function clusters(
  words: readonly string[],
  related: (a: string, b: string) => boolean = () => false,
): Cluster[] {
  const groups = words.map((_, i) => i);
  const root = (i: number): number => (groups[i] === i ? i : root(groups[i]!));
  const links: { at: number; by: Likeness }[] = [];
  for (let a = 0; a < words.length; a++)
    for (let b = a + 1; b < words.length; b++) {
      const by = likenesses(bare(words[a]!), bare(words[b]!), related);
      if (by.length) groups[root(b)] = root(a);
      links.push(...by.map((kind) => ({ at: a, by: kind })));
    }
  const members = new Map<number, number[]>();
  for (const place of words.keys()) members.set(root(place), [...(members.get(root(place)) ?? []), place]);
  return [...members]
    .filter(([, places]) => places.length > 1)
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([at, places]) => ({
      words: places.map((i) => words[i]!),
      by: [...new Set(links.filter((link) => root(link.at) === at).map((link) => link.by))].toSorted(),
    }));
}

function likenesses(a: string, b: string, related: (a: string, b: string) => boolean): Likeness[] {
  if (a === '' || b === '') return [];
  return [
    sameStem(a, b) ? ['string' as const] : [],
    a !== b && related(a, b) ? ['wordnet' as const] : [],
  ].flat();
}

/** The same letters but for case, or a beginning of four letters and more that is two thirds of the longer
 *  word. */
export function sameStem(a: string, b: string): boolean {
  if (a === b) return true;
  const longest = Math.max(a.length, b.length);
  let common = 0;
  while (common < longest && a[common] === b[common]) common++;
  return common >= 4 && common >= (2 / 3) * longest;
}
