import type { Adaptation, Hidden } from '#models/adaptation.js';
import { writtenWord } from '#models/label-words.js';
import type { Model, TokenBatch, Weights } from '#models/model.js';
import type { Classes } from './answering.js';
import { continuations } from './continuations.js';

const spare = 4; // tokens beyond the longest label word, so that a longer answer is seen to be another

/** A text to be answered: its tokens, and its final states where an encoder has read it already. */
export interface Asked {
  tokens: TokenBatch;
  encoded?: Hidden;
}

/** The class whose label word, as the model writes it, is the greedily decoded text, one a row; -1 where none is. */
export function decodedAnswers(
  model: Model,
  weights: Weights,
  { tokens, encoded }: Asked,
  classes: Classes,
  adaptation: Adaptation,
): Int32Array {
  const options = { maxTokens: longestAnswer(model, classes), beams: 1, lengthPenalty: 1 };
  const written = (): number[][] => {
    if (model.kind === 'encoder') throw new Error('task.scoring "decode" needs a backbone with a decoder');
    if (model.kind === 'decoder' || !encoded) return model.generate(weights, tokens, options, adaptation);
    return model.generateFrom(weights, encoded, options, adaptation);
  };
  const words = classes.words.map((word) => writtenWord(model, word));
  return Int32Array.from(written(), (ids) => words.indexOf(model.tokenizer.decode(ids).trim()));
}

/** Tokens that an answer may have. */
export function longestAnswer(model: Model, classes: Classes): number {
  const words =
    model.kind === 'decoder'
      ? continuations(model, classes, 'label-words')
      : classes.words.map((w) => model.tokenizer.encodePlain(w));
  return Math.max(...words.map((w) => w.length)) + spare;
}
