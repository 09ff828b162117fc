import { HostRandom } from '#engine/host-random.js';
import type { Tokenizer } from '#models/tokenizer.js';

/** The documents of a corpus as tokens, each tokenized when it is first asked for, in a fresh order every
 *  epoch. */
export class Documents {
  private readonly tokens: (number[] | undefined)[];
  private epoch = -1;
  private order: Int32Array = new Int32Array();

  constructor(
    private readonly texts: readonly string[],
    private readonly tokenizer: Tokenizer,
    private readonly seed: number,
  ) {
    if (texts.length === 0) throw new Error('the corpus is empty');
    this.tokens = new Array<number[] | undefined>(texts.length);
  }

  /** Token ids, without specials, of the document that comes at a position counted from 0. */
  at(position: number): number[] {
    const epoch = Math.floor(position / this.texts.length);
    if (epoch !== this.epoch) {
      this.order = new HostRandom(this.seed, `documents ${epoch}`).permutation(this.texts.length);
      this.epoch = epoch;
    }
    const index = this.order[position % this.texts.length]!;
    return (this.tokens[index] ??= this.tokenizer.encodePlain(this.texts[index]!));
  }
}

/** Documents end to end, an end token after each, cut into pieces of equal length. */
export class PackedText {
  private position = 0;
  private rest: number[] = [];

  constructor(
    private readonly documents: Documents,
    private readonly endId: number,
  ) {}

  next(length: number): number[] {
    while (this.rest.length < length) this.rest.push(...this.documents.at(this.position++), this.endId);
    const piece = this.rest.slice(0, length);
    this.rest = this.rest.slice(length);
    return piece;
  }
}
