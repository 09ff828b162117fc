/** Metrics of tagged words. */

export interface Span {
  type: string;
  from: number; // its first word
  to: number; // its last
}

/** The spans that tags (B-X, I-X, E-X, S-X, O) say, as conlleval (Tjong Kim Sang & De Meulder 2003) and
 *  seqeval 1.2.2 without a mode read them: one begins at B and S, behind E, S and O, and where the type
 *  changes, whatever the letter. */
export function spansOf(tags: readonly string[]): Span[] {
  const spans: Span[] = [];
  let before = outside;
  let from = 0;
  for (const [i, text] of [...tags, 'O'].entries()) {
    const tag = parted(text);
    if (ends(before, tag)) spans.push({ type: before.type, from, to: i - 1 });
    if (begins(before, tag)) from = i;
    before = tag;
  }
  return spans;
}

interface Parted {
  letter: string;
  type: string;
}

const outside: Parted = { letter: 'O', type: '' };

const parted = (tag: string): Parted => (tag === 'O' ? outside : { letter: tag[0]!, type: tag.slice(2) });

const ends = (a: Parted, b: Parted): boolean =>
  a.letter === 'E' ||
  a.letter === 'S' ||
  (a.letter !== 'O' && ('BSO'.includes(b.letter) || a.type !== b.type));

const begins = (a: Parted, b: Parted): boolean =>
  b.letter !== 'O' && ('BS'.includes(b.letter) || 'ESO'.includes(a.letter) || a.type !== b.type);

/** Precision, recall and their harmonic mean over all spans of all texts (micro-averaged): one is right where
 *  type, first and last word are. A share of nothing is 0. `lost`: spans beyond those of `expected`, which
 *  every answer misses. */
export function spanScores(
  expected: readonly (readonly string[])[],
  said: readonly (readonly string[])[],
  lost = 0,
): { f1: number; precision: number; recall: number } {
  let [there, found, both] = [lost, 0, 0];
  for (const [i, tags] of expected.entries()) {
    const own = new Set(spansOf(tags).map(named));
    const others = spansOf(said[i]!);
    there += own.size;
    found += others.length;
    both += others.filter((s) => own.has(named(s))).length;
  }
  const share = (of: number) => (of === 0 ? 0 : both / of);
  return {
    f1: there + found === 0 ? 0 : (2 * both) / (there + found),
    precision: share(found),
    recall: share(there),
  };
}

const named = ({ type, from, to }: Span): string => `${from} ${to} ${type}`;
