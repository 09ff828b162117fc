/** Tokens with their places in a text. */
export interface PlacedTokens {
  ids: number[];
  from: number[];
  to: number[];
}

/** Special tokens of a pair of texts, and how both are put together. */
export interface Pairs {
  /** Special tokens in all. */
  readonly specials: number;
  /** types: absent where all are 0; behind: the place of the second text's first token. */
  join(
    first: readonly number[],
    second: readonly number[],
  ): { ids: number[]; types?: number[]; behind: number };
}

/** What peftgrid needs of a tokenizer.json. Ids never include padding. */
export interface Tokenizer {
  readonly padId: number;
  readonly size: number; // ids are below it
  readonly hash: string; // sha256 of tokenizer.json
  /** Ids with the special tokens that the model's post-processor adds, truncated to maxLength (specials
   *  kept). */
  encode(text: string, maxLength?: number): number[];
  /** The same for a text that is to be gone on with: with the special tokens in front of it, and without
   *  those behind it. */
  encodeOpen(text: string, maxLength?: number): number[];
  /** How two texts become one row; absent: it knows no pairs. */
  readonly pairs?: Pairs;
  /** Ids without any special token, and which characters of the text each is: [from, to) in UTF-16 units. */
  encodePlaced(text: string): PlacedTokens;
  /** Ids without any special token: for label words and spans. */
  encodePlain(text: string): number[];
  /** Text without special tokens. */
  decode(ids: readonly number[]): string;
  /** The id of a token such as "<extra_id_0>"; throws where the vocabulary lacks it. */
  idOf(token: string): number;
  /** An id's token as the vocabulary writes it ("##ing", "▁the"); undefined where it has none. */
  tokenOf(id: number): string | undefined;
}
