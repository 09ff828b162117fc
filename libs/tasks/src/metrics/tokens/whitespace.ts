// White space as Python's str.isspace has it. JavaScript's \s lacks U+001C to U+001F and U+0085 and has
// U+FEFF.
const space =
  '[\\t-\\r\\u001c-\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const between = new RegExp(`${space}+`, 'u');
const atEnd = new RegExp(`${space}+$`, 'u');

/** The pieces of a text between white space: Python's `text.split()`. An empty text has none. */
export function piecesOf(text: string): string[] {
  return text.split(between).filter((piece) => piece !== '');
}

/** A text without white space at its end: Python's `text.rstrip()`. */
export function trimEnd(text: string): string {
  return text.replace(atEnd, '');
}
