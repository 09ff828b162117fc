/** One example: the text a model reads and the class it should answer. */
export interface Example {
  id: string; // stable across runs and machines
  input: string;
  label: number; // index into Dataset.labelWords
  group?: string; // MultiRC: the question an answer belongs to
  tagged?: TaggedWords; // tagging: what `input` is made of; `label` means nothing then
  part?: number; // mixture: which of Dataset.parts it is from
}

/** A text's words with their tags. */
export interface TaggedWords {
  before: string[]; // words in front of the text that have no tag and are not scored
  words: string[];
  tags: number[]; // one a word: an index into Dataset.labels
  lost: number; // spans that tags can't say (they overlap another, or end within a word); every answer misses them
}

export interface Dataset {
  name: string;
  labels: string[]; // as in the data
  labelWords: string[]; // what a verbalizer says for each
  tagging?: boolean; // every word has a label, not the text
  train: Example[];
  validation: Example[];
  test: Example[];
  parts?: readonly MixedPart[]; // mixture: the tasks that it is made of, in the order of the splits' examples
  /** The metric that chooses checkpoints, on validation only. */
  selectBy: string;
  /** Scores of predicted classes for one split; -1 is "no valid label" and counts as wrong. Values in [0, 1]. Tagging: one prediction a word, the
   *  examples' words one after the other. */
  score(split: 'validation' | 'test', predictions: Int32Array): Record<string, number>;
  hash: string; // sha256 over every split's ids, inputs and labels, in order
}

/** One task of a mixture. */
export interface MixedPart {
  name: string;
  dataset: Dataset; // as it is alone
  labels: { from: number; to: number }; // its own among the mixture's, `to` behind the last
  share: number; // its examples in an epoch of the mixture
}
