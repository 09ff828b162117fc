/** One example: the text a model reads and the class it should answer. */
export interface Example {
  id: string; // stable across runs and machines
  input: string;
  label: number; // index into Dataset.labelWords
  group?: string; // MultiRC: the question an answer belongs to
}

export interface Dataset {
  name: string;
  labels: string[]; // as in the data
  labelWords: string[]; // what a verbalizer says for each
  train: Example[];
  validation: Example[];
  test: Example[];
  /** The metric that chooses checkpoints, on validation only. */
  selectBy: string;
  /** Scores of predicted classes for one split; -1 is "no valid label" and counts as wrong. Values in [0, 1]. */
  score(split: 'validation' | 'test', predictions: Int32Array): Record<string, number>;
  hash: string; // sha256 over every split's ids, inputs and labels, in order
}
