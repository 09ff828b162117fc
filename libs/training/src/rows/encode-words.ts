import type { Tokenizer } from '#models/tokenizer.js';
import type { TaggedWords } from '#tasks/example.js';
import { ignoredLabel, type Row } from './row.js';

/** A text of tagged words. */
export interface WordRow extends Row {
  labels: Int32Array; // one a token: its word's tag at a word's first piece, else ignoredLabel
  places: Int32Array; // one a word: where its first piece stands, -1 where it was cut
}

/** Words as a model reads them: each word's pieces, the first of which carries its tag (Devlin et al. 2019
 *  §5.3; P-tuning v2's code), between the special tokens. Every word is encoded as if a space stood in front
 *  of it, as transformers does with add_prefix_space. Words whose first piece is beyond maxLength, and words
 *  that no piece is made of, have no place. */
export class WordEncoder {
  private readonly known = new Map<string, number[]>();
  private readonly before: number[];
  private readonly behind: number[];

  constructor(private readonly tokenizer: Tokenizer) {
    this.before = tokenizer.encodeOpen('');
    this.behind = tokenizer.encode('').slice(this.before.length);
  }

  encode({ before, words, tags }: TaggedWords, maxLength: number): WordRow {
    const ids = [...this.before, ...before.flatMap((word) => this.pieces(word))];
    const end = maxLength - this.behind.length;
    const labels = new Int32Array(maxLength).fill(ignoredLabel);
    const places = Int32Array.from(words, (word, i) => {
      const pieces = this.pieces(word);
      const place = ids.length;
      if (pieces.length === 0 || place >= end) return -1;
      ids.push(...pieces);
      labels[place] = tags[i]!;
      return place;
    });
    const all = [...ids.slice(0, Math.max(0, end)), ...this.behind];
    return { ids: all, labels: labels.slice(0, all.length), places };
  }

  private pieces(word: string): number[] {
    let own = this.known.get(word);
    if (!own) this.known.set(word, (own = this.tokenizer.encodePlain(` ${word}`)));
    return own;
  }
}
