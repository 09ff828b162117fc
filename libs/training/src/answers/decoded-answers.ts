import type { GenerateOptions } from '#models/generate/options.js';
import type { Model } from '#models/model.js';
import type { Classes } from './answering.js';
import { continuations } from './continuations.js';

export const noDecoder = 'task.scoring "decode" needs a backbone with a decoder';

const spare = 4; // tokens beyond the longest label word, so that a longer answer is seen to be another

/** What is written greedily in answer to each row, without blanks around it. `write` gives the texts' ids. */
export function decodedAnswers(model: Model, classes: Classes, write: (options: GenerateOptions) => number[][]): string[] {
  const written = write({ maxTokens: longestAnswer(model, classes), beams: 1, lengthPenalty: 1 });
  return written.map((ids) => model.tokenizer.decode(ids).trim());
}

/** Tokens that an answer may have. */
export function longestAnswer(model: Model, classes: Classes): number {
  const words =
    model.kind === 'decoder'
      ? continuations(model, classes, 'label-words')
      : classes.words.map((w) => model.tokenizer.encodePlain(w));
  return Math.max(...words.map((w) => w.length)) + spare;
}
