/** What was right and what was said, as people read it. */
import type { Kind } from '#contracts/kind.js';
import type { PredictionOf, Prediction, PredictionsHead } from '#contracts/predictions.js';

export interface PredictionText {
  text: string;
  right: string;
  said: string;
  score: string; // of what was said; empty where none was recorded
}

type Words = Omit<PredictionText, 'text' | 'score'> & { score?: number | null | undefined };
type InWords<K extends Kind> = (prediction: PredictionOf<K>, labels: readonly string[]) => Words;

const inWords: { [K in Kind]: InWords<K> } = {
  class: ({ answer, said }, labels) => ({
    right: labels[answer.label]!,
    said: said.label === null ? nothing('no label', said.text) : labels[said.label]!,
    score: said.label === null ? null : said.scores?.[said.label],
  }),
  choice: ({ answer: { choices, right }, said }) => ({
    right: choices[right]!,
    said: said.choice === null ? nothing('no choice', said.text) : choices[said.choice]!,
    score: said.choice === null ? null : said.scores?.[said.choice],
  }),
  tags: taggedWords,
  span: ({ input, answer: { answers }, said }) => ({
    right: answers.length
      ? [...new Set(answers.map(({ from, to }) => input.at(-1)!.slice(from, to)))].join(' | ')
      : '(no answer)',
    said: said.from === null ? '(no answer)' : said.text,
    score: said.score,
  }),
  text: ({ answer, said, likelihood }) => ({
    right: answer.references.join(' | '),
    said: said.text,
    score: likelihood && likelihood.nats / likelihood.tokens,
  }),
  cloze: ({ answer, said }) => ({
    right: answer.word,
    said: said.words.slice(0, 5).join(', '),
    score: said.rank,
  }),
  number: ({ answer, said }) => ({
    right: String(answer.value),
    said: said.value === null ? '(no number)' : String(Number(said.value.toPrecision(4))),
  }),
  language: ({ likelihood }) => ({
    right: '',
    said: likelihood
      ? `perplexity ${Number(Math.exp(likelihood.nats / likelihood.tokens).toPrecision(4))}`
      : '',
    score: likelihood?.nats,
  }),
};

/** Labels by name; of tagged words those that differ, as WORD/TAG. */
export function predictionText(
  { labels }: Pick<PredictionsHead, 'labels'>,
  prediction: Prediction,
): PredictionText {
  const told = (inWords[prediction.kind] as InWords<Kind>)(prediction, labels);
  const { right, said, score = null } = told;
  return {
    text: prediction.input.join(' | '),
    right,
    said,
    score: score === null ? '' : String(Number(score.toPrecision(3))),
  };
}

function taggedWords({ answer, said }: PredictionOf<'tags'>, labels: readonly string[]): Words {
  const name = (tag: number | null | undefined) =>
    tag === null || tag === undefined ? '(none)' : labels[tag]!;
  const differing = answer.words.flatMap((word, w) => (answer.tags[w] === said.tags[w] ? [] : [{ word, w }]));
  const told = (tags: readonly (number | null)[]) =>
    differing.map(({ word, w }) => `${word}/${name(tags[w])}`).join(' ');
  const lost = answer.lost ? `(${answer.lost} of its spans no tag can say)` : '';
  return { right: [told(answer.tags), lost].filter(Boolean).join(' '), said: told(said.tags) };
}

const nothing = (what: string, text: string | undefined): string =>
  text === undefined ? `(${what})` : `(${what}: “${text}”)`;

interface Page {
  split: string;
  examples: number;
  wrong: number | null;
  offset: number;
  predictions: readonly unknown[];
}

/** "test: 34 of 200 wrong; 21 to 40 of the wrong ones" */
export function pageText({ split, examples, wrong, offset, predictions }: Page, onlyWrong: boolean): string {
  const of = onlyWrong ? 'the wrong ones' : 'all';
  const shown = predictions.length
    ? `${offset + 1} to ${offset + predictions.length} of ${of}`
    : `none of ${of} from ${offset + 1} on`;
  return `${split}: ${wrong === null ? '' : `${wrong} of `}${examples} ${wrong === null ? 'examples' : 'wrong'}; ${shown}`;
}
