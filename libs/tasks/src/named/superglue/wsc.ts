import { type Dataset, hashOf, type Splits, refuseEmpty } from '../../dataset.js';
import { textLossOf } from '../../kinds/text-metrics.js';
import { metric } from '../../metrics/metric.js';
import type { Split } from '../../reading/split.js';
import type { SuperGlueRows } from './rows.js';
import type { Part } from './splits.js';

/** The Winograd schema challenge as T5 has it (Raffel et al. 2020 §2.4): the pronoun stands between stars,
 *  and what it refers to is written. Training has the right referents alone. */
export function wscExamples({ text, target, label }: SuperGlueRows['wsc'], split: Split): Part<'text'>[] {
  if (split === 'train' && !label) return [];
  const words = text.split(' ');
  const { span2_index: place, span2_text: pronoun, span1_text: referent } = target;
  const end = place + pronoun.split(' ').length;
  const marked = [...words.slice(0, place), '*', ...words.slice(place, end), '*', ...words.slice(end)];
  return [
    { input: [marked.join(' ')], answer: { references: [referent], ...(!label && { negated: true }) } },
  ];
}

/** Whether the candidate is meant: the words of one are among those of the other, less determiners and case.
 */
function isMeant(said: string, candidate: string): boolean {
  const [a, b] = [wordsOf(said), wordsOf(candidate)];
  const within = (few: ReadonlySet<string>, many: ReadonlySet<string>) =>
    [...few].every((word) => many.has(word));
  return a.size > 0 && (within(a, b) || within(b, a));
}

const determiners = new Set(
  'a an few her his each every many much my our some that the their these this those which whose your'.split(
    ' ',
  ),
);
const wordsOf = (text: string): Set<string> =>
  new Set(
    text
      .toLowerCase()
      .split(/\s+/)
      .map((w) => w.replace(/[.,]$/, ''))
      .filter((w) => w !== '' && !determiners.has(w)),
  );

/** Share of candidates that are told right: a right one is written, a wrong one is not. */
const accuracyOf = metric<'text'>(
  'accuracy',
  (examples, said) =>
    examples.reduce(
      (n, { answer }, i) =>
        n + Number(isMeant(said[i]!.text, answer.references[0]!) !== (answer.negated ?? false)),
      0,
    ) / examples.length,
);

export function wscDataset(splits: Splits<'text'>): Dataset<'text'> {
  refuseEmpty(splits);
  const { test } = splits;
  return {
    ...splits,
    kind: 'text',
    metrics: [accuracyOf, textLossOf],
    validateBy: 'accuracy',
    reportBy: 'accuracy',
    // nobody is meant: the more frequent label
    references: { majority: () => test.map(() => ({ text: '' })) },
    hash: hashOf(splits),
  };
}
