/** What was right and what was said, as people read it. */
import type { Prediction, PredictionsHead } from '#contracts/predictions.js';

export interface PredictionText {
  text: string;
  right: string;
  said: string;
  score: string; // of the label that was said; empty where none was recorded
}

/** Labels by name; of tagged words those that differ, as WORD/TAG. */
export function predictionText({ labels }: Pick<PredictionsHead, 'labels'>, { input, answer, said }: Prediction): PredictionText {
  if ('label' in answer && 'label' in said) {
    const score = said.label === null ? null : (said.scores?.[said.label] ?? null);
    return {
      text: input,
      right: labels[answer.label]!,
      said: said.label === null ? noLabel(said.text) : labels[said.label]!,
      score: score === null ? '' : String(Number(score.toPrecision(3))),
    };
  }
  if ('label' in answer || 'label' in said) throw new Error('an answer of one kind was said as another');
  const name = (tag: number | null | undefined) => (tag === null || tag === undefined ? '(none)' : labels[tag]!);
  const differing = answer.words.flatMap((word, w) => (answer.tags[w] === said.tags[w] ? [] : [{ word, w }]));
  const told = (tags: readonly (number | null)[]) => differing.map(({ word, w }) => `${word}/${name(tags[w])}`).join(' ');
  const lost = answer.lost ? `(${answer.lost} of its spans no tag can say)` : '';
  return { text: input, right: [told(answer.tags), lost].filter(Boolean).join(' '), said: told(said.tags), score: '' };
}

const noLabel = (text: string | undefined): string => (text === undefined ? '(no label)' : `(no label: “${text}”)`);

/** "test: 34 of 200 wrong; 21 to 40 of the wrong ones" */
export function pageText(
  { split, examples, wrong, offset, predictions }: { split: string; examples: number; wrong: number; offset: number; predictions: readonly unknown[] }, // prettier-ignore
  onlyWrong: boolean,
): string {
  const of = onlyWrong ? 'the wrong ones' : 'all';
  const shown = predictions.length
    ? `${offset + 1} to ${offset + predictions.length} of ${of}`
    : `none of ${of} from ${offset + 1} on`;
  return `${split}: ${wrong} of ${examples} wrong; ${shown}`;
}
