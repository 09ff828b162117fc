import { checkReferences, type References } from './references.js';
import { editRate } from './ter-edits.js';
import { separatePointsAndDashes, symbols, withoutEntities } from './tokens/tokens-13a.js';
import { piecesOf, trimEnd } from './tokens/whitespace.js';

/** Translation edit rate in percent, smaller is better (Snover et al. 2006). It is the fewest edits to a
 *  reference of each example, over the mean length of its references, so that it may exceed 100. Equal to
 *  sacreBLEU 2.6.0, a port of tercom: words between white space, without case unless `cased`. `normalized`
 *  sets punctuation apart. Takes O(length³) for an example. Throws an Error where an example has no
 *  reference. */
export function ter(
  said: readonly string[],
  references: References,
  { normalized = false, cased = false } = {},
): number {
  checkReferences(said, references);
  const words = (text: string) => wordsOf(cased ? trimEnd(text) : trimEnd(text).toLowerCase(), normalized);
  let [edits, length] = [0, 0];
  for (const [i, text] of said.entries()) {
    const own = words(text);
    // sacreBLEU normalises references twice, which tells in runs of points: those of ".,1" come apart.
    const others = references[i]!.map((other) => words(words(other).join(' ')));
    edits += Math.min(...others.map((other) => editRate(own, other)));
    length += others.reduce((sum, other) => sum + other.length, 0) / others.length;
  }
  if (length > 0) return (100 * edits) / length;
  return edits > 0 ? 100 : 0;
}

const wordsOf = (text: string, normalized: boolean): string[] =>
  piecesOf(normalized && text ? normalize(text) : text);

/** tercom's normalisation of Western text: that of BLEU's tokens but for possessives and the hyphen at a
 *  line's end. */
function normalize(text: string): string {
  const joined = withoutEntities(text.replaceAll('\n-', '').replaceAll('\n', ' '));
  const apart = ` ${joined} `.replace(symbols, ' $& ').replaceAll("'s ", " 's ").replace(/'s$/, " 's");
  return separatePointsAndDashes(apart);
}
