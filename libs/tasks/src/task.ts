/** One example: the text a model reads and the class it should answer. */
export interface Example {
  id: string; // stable across runs and machines
  input: string;
  label: number; // index into Dataset.labelWords
  group?: string; // MultiRC: the question an answer belongs to
  tagged?: TaggedWords; // tagging: what `input` is made of; `label` means nothing then
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
  /** The metric that chooses checkpoints, on validation only. */
  selectBy: string;
  /** Scores of predicted classes for one split; -1 is "no valid label" and counts as wrong. Values in [0, 1]. Tagging: one prediction a word, the
   *  examples' words one after the other. */
  score(split: 'validation' | 'test', predictions: Int32Array): Record<string, number>;
  hash: string; // sha256 over every split's ids, inputs and labels, in order
}
