import type { Adaptation, Hidden } from '#models/adaptation.js';
import type { Model, Weights } from '#models/model.js';
import type { Tokenizer } from '#models/tokenizer.js';

const spare = 4; // tokens beyond the longest label word, so that a longer answer is seen to be another

/** The class whose label word is exactly the greedily decoded text, one a row; -1 where none is. */
export function decodedAnswers(
  model: Model,
  weights: Weights,
  encoded: Hidden,
  labelWords: readonly string[],
  adaptation: Adaptation,
): Int32Array {
  if (model.kind !== 'encoder-decoder') throw new Error('task.scoring "decode" needs a backbone with a decoder');
  const options = { maxTokens: longestAnswer(model.tokenizer, labelWords), beams: 1, lengthPenalty: 1 };
  const texts = model.generateFrom(weights, encoded, options, adaptation).map((ids) => model.tokenizer.decode(ids).trim());
  return Int32Array.from(texts, (text) => labelWords.indexOf(text));
}

/** Tokens that an answer may have. */
export function longestAnswer(tokenizer: Tokenizer, labelWords: readonly string[]): number {
  return Math.max(...labelWords.map((w) => tokenizer.encodePlain(w).length)) + spare;
}
