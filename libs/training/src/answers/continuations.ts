import { continuationOf } from '#models/continuation.js';
import type { DecoderModel } from '#models/model.js';

/** Label words; where tasks are mixed, those of each are [from, to). */
export interface LabelSpaces {
  words: readonly string[];
  tasks?: readonly { from: number; to: number }[];
}

/** What a decoder writes behind a text for each class: the label word's tokens. The end is written too where
 *  the written text is compared, else nothing would stop it. It also is where one word's tokens begin
 *  another's of its task, else the longer could never be the likelier. */
export function continuations(
  model: DecoderModel,
  { words, tasks }: LabelSpaces,
  compared: boolean,
): number[][] {
  const own = tasks ?? [{ from: 0, to: words.length }];
  return own.flatMap(({ from, to }) => ofOneTask(model, words.slice(from, to), compared));
}

function ofOneTask(model: DecoderModel, labelWords: readonly string[], compared: boolean): number[][] {
  const words = labelWords.map((word) => continuationOf(model.tokenizer, word));
  const ended = compared || oneBeginsAnother(words);
  return ended ? words.map((w) => [...w, model.endId]) : words;
}

/** Whether the tokens of one word are the first of another's. */
export const oneBeginsAnother = (words: readonly (readonly number[])[]): boolean =>
  words.some((w, i) => words.some((other, j) => i !== j && begins(w, other)));

const begins = (a: readonly number[], b: readonly number[]): boolean => a.every((id, i) => b[i] === id);
