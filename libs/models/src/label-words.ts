import type { AnswerBy } from '#contracts/answer.js';
import { continuationOf } from './continuation.js';
import type { Model } from './model.js';
import type { Tokenizer } from './tokenizer.js';

/** Classes and the words that say them. Where tasks are mixed, those of each are in labels [from, to). */
export interface LabelWords {
  labels: readonly string[];
  words: readonly string[];
  tasks?: readonly { from: number; to: number }[];
}

interface Reader {
  tokenizer: Tokenizer;
  kind: Model['kind'];
}

/** What of the label words a model can't answer by, in a sentence that names the labels; null where nothing
 *  is wrong. Two words of the same tokens are one answer. Where answers are decoded (`by`), a word must come
 *  back from its tokens. */
export function labelWordIssue(
  reader: Reader,
  { labels, words, tasks = [{ from: 0, to: words.length }] }: LabelWords,
  by: AnswerBy | null,
): string | null {
  const named = (c: number) =>
    words[c] === labels[c] ? `"${words[c]}"` : `"${words[c]}" (label "${labels[c]}")`;
  for (const { from, to } of tasks) {
    const met = new Map<string, number>();
    for (let c = from; c < to; c++) {
      const ids = idsOf(reader, words[c]!);
      if (ids.length === 0) return `the label word ${named(c)} has no token in this backbone's vocabulary`;
      const other = met.get(ids.join());
      if (other !== undefined)
        return `the label words ${named(other)} and ${named(c)} are the same tokens to this backbone; expected words that it can tell apart`;
      met.set(ids.join(), c);
    }
    if (by !== 'decoding') continue;
    const written = new Map<string, number>();
    for (let c = from; c < to; c++) {
      const back = writtenWord(reader, words[c]!);
      if (plain(back) !== plain(words[c]!))
        return `the label word ${named(c)} is written as "${back}" by this backbone, and task.answer.by is "decoding"; expected another word, or "label-words"`;
      const other = written.get(back);
      if (other !== undefined)
        return `the label words ${named(other)} and ${named(c)} are both written as "${back}" by this backbone`;
      written.set(back, c);
    }
  }
  return null;
}

/** A label word as the model writes it: decoded from its tokens, without blanks around it. */
export const writtenWord = (reader: Reader, word: string): string =>
  reader.tokenizer.decode(idsOf(reader, word)).trim();

function idsOf({ tokenizer, kind }: Reader, word: string): number[] {
  switch (kind) {
    case 'encoder':
    case 'encoder-decoder':
      return tokenizer.encodePlain(word);
    case 'decoder':
      return continuationOf(tokenizer, word);
  }
}

/** Tokenizers may unify case, blanks and Unicode forms. */
const plain = (word: string): string => word.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim();
