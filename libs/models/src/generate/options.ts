export interface GenerateOptions {
  maxTokens: number; // generated ones, the end among them
  beams: number; // 1: greedy
  // a text scores sum(log p) / length^lengthPenalty, its end included; without effect where beams = 1
  lengthPenalty: number;
  earlyStopping?: boolean; // beams: stop as soon as there are `beams` finished texts; default false
  // no sequence of so many tokens comes twice in a row's text (its prompt included); 0: no rule
  noRepeatNgram?: number;
  minTokens?: number; // the end may not come before so many tokens; default 0
  /** What tells the draws of rows apart, one a row: rows of the same text draw the same. Absent: their
   *  places. */
  streams?: readonly (string | number)[];
  /** Draws instead of taking the likeliest; beams must be 1. */
  sampling?: Sampling;
}

/** Tokens are drawn from softmax(logits / temperature), cut to the topK likeliest and then to the fewest that
 *  hold topP of the probability (Holtzman et al. 2020). The draw for a row and step depends on seed, the
 *  row's stream and the step only. */
export interface Sampling {
  seed: number;
  temperature: number;
  topK: number; // 0: all
  topP: number; // 1: all
}
