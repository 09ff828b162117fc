import type { Kind } from '#contracts/kind.js';
import type { Answers, Example, Likelihood, Said } from '#tasks/example.js';
import type { Answering } from '../answers/answering.js';
import { logSumExp } from '../answers/class.js';

/** What is said of a text, ready for JSON. Logits are the numbers whose softmax the training took: a head's
 *  outputs, or of label words the sums of their tokens' log p (docs/answers.md). */
export type Prediction = { input: readonly string[] } & Record<string, unknown>;

export interface SaidOfText {
  said: Said[Kind];
  likelihood?: Likelihood; // where the text itself is predicted
}

interface By {
  labels: readonly string[];
  answers: Pick<Answering, 'kind'>;
}

type Told<K extends Kind> = (said: Said[K], example: Example<K>, labels: readonly string[]) => object;

const told: { [K in Kind]: Told<K> } = {
  class: ({ label, scores, text }, _, labels) => ({
    label: label === null ? null : labels[label],
    ...(scores && { labels, ...withProbabilities(scores) }),
    ...(text !== undefined && { text }),
  }),
  choice: ({ choice, scores, text }, { answer: { choices } }) => ({
    choice: choice === null ? null : choices[choice],
    choices,
    ...(scores && withProbabilities(scores)),
    ...(text !== undefined && { text }),
  }),
  tags: ({ tags }, { answer: { words } }, labels) => ({
    words,
    tags: tags.map((tag) => (tag === null ? null : labels[tag])),
  }),
  span: ({ text, from, to, score }) => ({ text, from, to, ...(score !== undefined && { score }) }),
  text: ({ text }) => ({ text }),
  cloze: ({ words }) => ({ words }),
  number: ({ value }) => ({ value }),
  language: () => ({}),
};

export function predictionOf(
  example: Example,
  { said, likelihood }: SaidOfText,
  { labels, answers: { kind } }: By,
): Prediction {
  const tell = told[kind] as Told<Kind>;
  const nats = likelihood && {
    ...likelihood,
    perplexity: likelihood.tokens ? Math.exp(likelihood.nats / likelihood.tokens) : null,
  };
  return {
    input: example.input,
    ...tell(said, example as Example<Kind> & { answer: Answers[Kind] }, labels),
    ...nats,
  };
}

function withProbabilities(scores: Float32Array): { logits: number[]; probabilities: number[] } {
  const all = logSumExp(scores);
  return {
    logits: Array.from(scores, digits),
    probabilities: Array.from(scores, (score) => digits(Math.exp(score - all))),
  };
}

const digits = (x: number): number => Number(x.toPrecision(8));
