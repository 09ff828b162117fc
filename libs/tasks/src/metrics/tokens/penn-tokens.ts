/** Words of an English text as CIDEr counts them: tokens of the Penn Treebank in lower case, without the
 *  punctuation that coco-caption drops. pycocoevalcap runs Stanford CoreNLP 3.4.1 in Java for them. These are
 *  the same for nearly all texts of E2E and WebNLG. They differ in technical notation, such as names with
 *  underscores and unusual abbreviations. */
export function pennTokens(text: string): string[] {
  const plain = text.replace(typographic, (c) => asAscii.get(c) ?? c);
  const tokens: string[] = [];
  for (const [token] of plain.matchAll(lexer)) tokens.push(...split(token.toLowerCase()));
  return tokens.filter((token) => !punctuation.has(token));
}

const asAscii = new Map(
  Object.entries({
    '’': "'",
    '‘': '`',
    '“': '``',
    '”': "''",
    '–': ' -- ',
    '—': ' -- ',
    '…': ' ... ',
    '£': '#',
    '€': '$',
    '½': '1/2',
  }),
);
const typographic = new RegExp(`[${[...asAscii.keys()].join('')}]`, 'gu');

const punctuation = new Set(['"', "''", "'", '``', '`', '.', '?', '!', ',', ':', '-', '--', '...', ';']);

// Abbreviations that keep their point, whatever comes next.
const abbreviations =
  'mr|mrs|ms|dr|prof|st|jr|sr|inc|ltd|co|corp|vs|etc|gen|col|lt|sgt|rev|hon|pres|gov|sen|rep|messrs|capt|cmdr|cpl|pvt|maj|adm|adv|sq|' +
  'jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|univ|blvd|ave|rd|bros|dept|dist|fig|figs|pp|al|ed|eds|ph|mt|ft|esq|est';

// What a token can be, tried in this order at each place.
const inWord = '[\\p{L}\\p{M}\\p{N}]';
const [begins, ends] = [`(?<!${inWord})`, `(?!${inWord})`];
const address = '[^\\s<>"]+[^\\s<>".,;:!?)\\]\']';
const lexer = new RegExp(
  [
    `(?:https?|ftp)://${address}`,
    `www\\.${address}`,
    '[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+', // mail
    '[cgf]\\+\\+', // C++
    `(?:\\p{L}\\.){2,}${ends}|${begins}\\p{L}\\.${ends}`, // U.S. and initials
    `${begins}no\\.(?=\\s*\\d)`, // no. 1
    `${begins}(?:${abbreviations})\\.${ends}`,
    `${begins}[-+]?\\d+(?:[.,:]\\d+)+(?!\\d|-)`, // 1,000.50, without its unit
    `${inWord}+(?:(?:['/&-]|\\.(?=\\p{L})|(?<=\\d)[.,:](?=\\d))${inWord}+)*`, // words and what joins them
    `'(?:tis|twas|em|n'?|\\d\\ds?)${ends}`, // '60s
    `'(?:s|ll|re|ve|d|m)\\b`,
    `${begins}-\\d+`,
    "''|``|--+|\\.\\.\\.+",
    '\\S',
  ].join('|'),
  'giu',
);

/** A token of two words as both, and an opened or closed bracket by its name. */
function split(token: string): string[] {
  const two = /^(can)(not)$|^(gon|wan)(na)$|^(got)(ta)$|^(lem|gim)(me)$|^('t)(is|was)$/.exec(token);
  if (two) return two.slice(1).filter(Boolean);
  const ending = /^(.+?)(n't|'(?:s|ll|re|ve|d|m))$/.exec(token);
  if (ending) return ending.slice(1);
  return [brackets.get(token) ?? token];
}

const brackets = new Map(
  Object.entries({ '(': '-lrb-', ')': '-rrb-', '[': '-lsb-', ']': '-rsb-', '{': '-lcb-', '}': '-rcb-' }),
);
