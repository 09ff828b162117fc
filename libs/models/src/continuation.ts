import type { Tokenizer } from './tokenizer.js';

/** A word's tokens as it stands behind a text and a space: byte-level tokenizers keep the space in a token of
 *  its own kind (" cat"), SentencePiece puts it there by itself ("▁cat"). */
export function continuationOf(tokenizer: Tokenizer, word: string): number[] {
  const [before, whole] = [tokenizer.encodePlain('a'), tokenizer.encodePlain(`a ${word}`)];
  return before.every((id, i) => whole[i] === id)
    ? whole.slice(before.length)
    : tokenizer.encodePlain(` ${word}`);
}
