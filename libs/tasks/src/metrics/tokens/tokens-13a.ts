import { piecesOf, trimEnd } from './whitespace.js';

/** Tokens of a text as NIST's mteval-v13a.pl makes them, through sacreBLEU's tokenizer "13a": ASCII
 *  punctuation stands alone, but for an apostrophe, a hyphen after a letter, and a point or comma between
 *  digits. Case is kept. */
export function tokens13a(text: string): string[] {
  const joined = trimEnd(text).replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' ');
  return piecesOf(separatePunctuation(` ${withoutEntities(joined)} `));
}

/** XML's four entities as the characters that they stand for, each replaced once, in this order. */
export function withoutEntities(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
}

/** Spaces around ASCII punctuation. The text has a space at its beginning and its end. */
export function separatePunctuation(text: string): string {
  return separatePointsAndDashes(text.replace(symbols, ' $& '));
}

/** ASCII punctuation without apostrophe, comma, hyphen and point. A blank is one, too: it has a space on
 *  either side. */
export const symbols = /[{-~[-` -&(-+:-@/]/g;

/** Spaces around points and commas that are not between digits, and around a dash after a digit. */
export function separatePointsAndDashes(text: string): string {
  return text
    .replace(/([^0-9])([.,])/g, '$1 $2 ')
    .replace(/([.,])([^0-9])/g, ' $1 $2')
    .replace(/([0-9])(-)/g, '$1 $2 ');
}
