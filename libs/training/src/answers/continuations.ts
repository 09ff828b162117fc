import type { Task } from '#contracts/task.js';
import { continuationOf } from '#models/continuation.js';
import type { DecoderModel } from '#models/model.js';
import type { Classes } from './answering.js';

/** What a decoder writes behind a text for each class: the label word's tokens. The end is written too where the decoded text is compared, else
 *  nothing would stop it, and where one word's tokens begin another's of its task, else the longer could never be the likelier. */
export function continuations(model: DecoderModel, { words, tasks }: Classes, scoring: Task['scoring']): number[][] {
  const own = tasks ?? [{ from: 0, to: words.length }];
  return own.flatMap(({ from, to }) => ofOneTask(model, words.slice(from, to), scoring));
}

function ofOneTask(model: DecoderModel, labelWords: readonly string[], scoring: Task['scoring']): number[][] {
  const words = labelWords.map((word) => continuationOf(model.tokenizer, word));
  const ended = scoring === 'decode' || words.some((w, i) => words.some((other, j) => i !== j && begins(w, other)));
  return ended ? words.map((w) => [...w, model.endId]) : words;
}

const begins = (a: readonly number[], b: readonly number[]): boolean => a.every((id, i) => b[i] === id);
