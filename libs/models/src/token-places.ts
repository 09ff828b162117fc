/** Which characters of a text its tokens are, as Hugging Face's tokenizers tell it by offsets: read off the
 *  tokens' texts. */
import type { PlacedTokens } from './tokenizer.js';

type Places = Pick<PlacedTokens, 'from' | 'to'>;

/** Tokens of a byte-level vocabulary, whose every character stands for one byte of the text. A space in front
 *  of a word is no part of its place, and an unknown token is one character. */
export function bytePlaces(text: string, tokens: readonly string[], unknown: string): Places {
  const places: Places = { from: [], to: [] };
  const starts = byteStarts(text); // of each byte: where its character starts
  const lengthOf = (token: string) => (token === unknown ? 1 : token.length);
  const bytes = tokens.reduce((sum, token) => sum + lengthOf(token), 0);
  let at = starts.length - bytes === -1 ? -1 : 0; // a space that the tokenizer put in front
  for (const token of tokens) {
    let end = at + lengthOf(token);
    // a whole character
    if (token === unknown) while (end < starts.length && starts[end] === starts[end - 1]) end++;
    let from = Math.max(0, at);
    while (from < end - 1 && /\s/.test(text[starts[from]!] ?? '')) from++;
    places.from.push(starts[from] ?? text.length);
    places.to.push(endOf(text, starts, Math.max(0, end - 1)));
    at = end;
  }
  return places;
}

function byteStarts(text: string): number[] {
  const starts: number[] = [];
  let at = 0;
  for (const char of text) {
    for (let b = Buffer.byteLength(char); b > 0; b--) starts.push(at);
    at += char.length;
  }
  return starts;
}

function endOf(text: string, starts: readonly number[], byte: number): number {
  const start = starts[byte];
  if (start === undefined) return text.length;
  return start + (text.codePointAt(start)! > 0xffff ? 2 : 1);
}

/** Tokens of a WordPiece vocabulary ("##" goes on with a word) or a SentencePiece one ("▁" begins one). An
 *  unknown token is a whole word. */
export function wordPiecePlaces(text: string, tokens: readonly string[], unknown: string): Places {
  const places: Places = { from: [], to: [] };
  const chars = charsOf(text);
  let at = 0;
  for (const token of tokens) {
    while (at < chars.length && chars[at]!.plain.trim() === '') at++;
    const from = at;
    if (token === unknown) at = wordEnd(chars, at);
    else {
      let left = plain(token.replace(/^(##|▁)/, '')).length;
      while (at < chars.length && left > 0) left -= chars[at++]!.plain.length;
      while (at < chars.length && chars[at]!.plain === '') at++; // marks that the vocabulary lacks
    }
    places.from.push(chars[from]?.start ?? text.length);
    places.to.push(chars[at]?.start ?? text.length);
  }
  return places;
}

interface Char {
  start: number;
  text: string;
  plain: string; // as vocabularies have it, without case and marks
}

function charsOf(text: string): Char[] {
  const chars: Char[] = [];
  let start = 0;
  for (const char of text) {
    chars.push({ start, text: char, plain: /\s/.test(char) ? ' ' : plain(char) });
    start += char.length;
  }
  return chars;
}

const plain = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/\p{Mn}|[^\S ]|\p{C}/gu, '');

/** Where the word at `at` ends: one sign is a word of its own. */
function wordEnd(chars: readonly Char[], at: number): number {
  const isWord = (i: number) => i < chars.length && /[\p{L}\p{N}\p{M}]/u.test(chars[i]!.text);
  if (!isWord(at)) return Math.min(at + 1, chars.length);
  let end = at;
  while (isWord(end)) end++;
  return end;
}
