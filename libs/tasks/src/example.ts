/** What is right for an example, and what a model says of it, by kind of answer. A new kind is a line in
 *  each. */
import type { Kind } from '#contracts/kind.js';

/** What is right. */
export interface Answers {
  class: { label: number }; // an index into Dataset.labels
  choice: { choices: string[]; right: number; alsoRight?: number[] }; // the example's own
  tags: TaggedWords;
  // characters of the last segment, `to` one beyond; none: unanswerable
  span: { answers: { from: number; to: number }[] };
  /** One reference at least. `negated`: what should not be said. `meaning`: E2E's slots, as the file has
   *  them. */
  text: { references: string[]; negated?: boolean; meaning?: string };
  cloze: { word: string; candidates?: string[] }; // the input has one {mask}
  number: { value: number };
  language: Record<string, never>; // the input itself is predicted
}

/** What a model says. null: nothing that could be right. */
export interface Said {
  class: { label: number | null; scores?: Float32Array; text?: string };
  choice: { choice: number | null; scores?: Float32Array; text?: string };
  tags: { tags: (number | null)[] }; // one a word
  /** `score`: of the best span, less that of no answer. Both ends null: there is no answer, and `text` is
   *  empty. */
  span: { text: string; from: number | null; to: number | null; score?: number };
  text: { text: string };
  // of the right word, from 1; the likeliest words, best first
  cloze: { rank: number | null; words: string[] };
  number: { value: number | null };
  language: Record<string, never>; // its likelihood says all
}

/** How likely a model finds what is right. */
export interface Likelihood {
  nats: number; // the sum over tokens of -log p
  tokens: number;
  bytes: number; // of the text that these tokens are, in UTF-8
}

/** A text's words with their tags. */
export interface TaggedWords {
  before: string[]; // words in front of the text that have no tag and are not scored
  words: string[];
  tags: number[]; // one a word: an index into Dataset.labels
  // spans that tags can't say (they overlap another, or end within a word); every answer misses them
  lost: number;
}

/** A text that a model reads, or the parts of a pair. */
export type Segments = readonly string[];

export interface Example<K extends Kind = Kind> {
  id: string; // stable across runs and machines
  input: Segments;
  answer: Answers[K];
  group?: string; // MultiRC: the question an answer belongs to
  part?: number; // mixture: which of Dataset.tasks it is from
}

/** The whole input as one text, for models and references that know no segments. */
export const joined = (input: Segments): string => input.join(' ');
