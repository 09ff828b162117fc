/** What is right for an example, and what a model says of it, by kind of answer. A new kind is a line in each. */
import type { Kind } from '#contracts/task.js';

export interface Answers {
  class: { label: number }; // an index into Dataset.labels
  tags: TaggedWords;
}

export interface Said {
  /** `label` is null where nothing was said that is a label. */
  class: { label: number | null; scores?: Float32Array; text?: string };
  tags: { tags: (number | null)[] }; // one a word; null: none was said
}

export type { Kind };

/** A text's words with their tags. */
export interface TaggedWords {
  before: string[]; // words in front of the text that have no tag and are not scored
  words: string[];
  tags: number[]; // one a word: an index into Dataset.labels
  lost: number; // spans that tags can't say (they overlap another, or end within a word); every answer misses them
}

export interface Example<K extends Kind = Kind> {
  id: string; // stable across runs and machines
  input: string; // the text that a model reads
  answer: Answers[K];
  group?: string; // MultiRC: the question an answer belongs to
  part?: number; // mixture: which of Dataset.parts it is from
}
