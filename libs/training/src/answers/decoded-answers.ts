import type { Adaptation, Hidden } from '#models/adaptation.js';
import type { Model, TokenBatch, Weights } from '#models/model.js';
import type { Classes } from './answering.js';
import { continuations } from './continuations.js';

const spare = 4; // tokens beyond the longest label word, so that a longer answer is seen to be another

/** A text to be answered: its tokens, and its final states where an encoder has read it already. */
export interface Asked {
  tokens: TokenBatch;
  encoded?: Hidden;
}

/** What each row's model writes greedily, without blanks around it. */
export function decodedAnswers(
  model: Model,
  weights: Weights,
  { tokens, encoded }: Asked,
  classes: Classes,
  adaptation: Adaptation,
): string[] {
  const options = { maxTokens: longestAnswer(model, classes), beams: 1, lengthPenalty: 1 };
  const written = (): number[][] => {
    if (model.kind === 'encoder') throw new Error('task.scoring "decode" needs a backbone with a decoder');
    if (model.kind === 'decoder' || !encoded) return model.generate(weights, tokens, options, adaptation);
    return model.generateFrom(weights, encoded, options, adaptation);
  };
  return written().map((ids) => model.tokenizer.decode(ids).trim());
}

/** Tokens that an answer may have. */
export function longestAnswer(model: Model, classes: Classes): number {
  const words =
    model.kind === 'decoder'
      ? continuations(model, classes, 'label-words')
      : classes.words.map((w) => model.tokenizer.encodePlain(w));
  return Math.max(...words.map((w) => w.length)) + spare;
}
