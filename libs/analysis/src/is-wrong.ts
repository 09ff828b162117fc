import type { Kind } from '#contracts/kind.js';
import type { Prediction, PredictionOf } from '#contracts/predictions.js';

type Verdict<K extends Kind> = (prediction: PredictionOf<K>) => boolean;

/** Whether anything else was said than what is right, by kind. null: such answers are neither right nor
 *  wrong. */
const verdicts = {
  class: ({ answer, said }) => said.label !== answer.label,
  choice: ({ answer, said }) =>
    said.choice === null || ![answer.right, ...(answer.alsoRight ?? [])].includes(said.choice),
  /** A text with spans that no tag can say is always wrong, as in its score. */
  tags: ({ answer, said }) => answer.lost > 0 || answer.tags.some((tag, w) => tag !== said.tags[w]),
  span: ({ input, answer: { answers }, said }) =>
    answers.length === 0
      ? said.from !== null
      : !answers.some(({ from, to }) => same(input.at(-1)!.slice(from, to), said.text)),
  text: ({ answer, said }) =>
    answer.references.some((reference) => same(reference, said.text)) === (answer.negated ?? false),
  cloze: ({ said }) => said.rank !== 1,
  number: null,
  language: null,
} satisfies { [K in Kind]: Verdict<K> | null };

const same = (a: string, b: string): boolean => a.trim() === b.trim();

/** Whether answers of the kind can be wrong at all. */
export const canBeWrong = (kind: Kind): boolean => verdicts[kind] !== null;

/** Whether anything else was said than what is right. */
export function isWrong(prediction: Prediction): boolean {
  const verdict = verdicts[prediction.kind] as Verdict<Kind> | null;
  return verdict?.(prediction) ?? false;
}
