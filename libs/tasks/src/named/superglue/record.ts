import type { SuperGlue } from '#contracts/tasks/superglue.js';
import type { Example, Said } from '../../example.js';
import { type Metric, metric } from '../../metrics/metric.js';
import { squadScores } from '../../metrics/squad.js';
import type { Split } from '../../reading/split.js';
import type { SuperGlueRows } from './rows.js';
import type { Part } from './splits.js';

/** ReCoRD (Zhang et al. 2018): an entity of the passage stands at the query's @placeholder. Training has an
 *  example for each right entity, as T5 has it; elsewhere a query is one example, and every right entity
 *  counts. */
export function recordEntities(
  { passage: { text, entities }, qas, idx }: SuperGlueRows['record'],
  split: Split,
  input: SuperGlue['input'],
): Part<'choice'>[] {
  // `end` is inclusive
  const choices = [...new Set(entities.map(({ start, end }) => text.slice(start, end + 1)))];
  const passage = text.replaceAll(/(\.|\?|!|"|')\n@highlight\n/g, '$1 ').replaceAll('\n@highlight\n', '. ');
  return qas.flatMap(({ query, answers }, q) => {
    const right = [...new Set(answers.map((answer) => choices.indexOf(answer.text)))].filter(
      (place) => place >= 0,
    );
    const listed = `query: ${query} entities: ${choices.join(', ')} passage: ${passage}`;
    const part = (first: number, also: readonly number[]): Part<'choice'> => ({
      input: input === 'pair' ? [passage, query] : [listed],
      answer: { choices, right: first, ...(also.length > 0 && { alsoRight: [...also] }) },
      group: `${idx} ${q}`,
    });
    if (right.length === 0)
      throw new Error(
        `no answer of query ${q} is an entity of the passage, the first is "${answers[0]!.text}"`,
      );
    return split === 'train' ? right.map((own) => part(own, [])) : [part(right[0]!, right.slice(1))];
  });
}

const rights = ({ answer: { choices, right, alsoRight = [] } }: Example<'choice'>): string[] =>
  [right, ...alsoRight].map((place) => choices[place]!);

const words = (examples: readonly Example<'choice'>[], said: readonly Said['choice'][]): string[] =>
  said.map(({ choice }, i) => (choice === null ? '' : examples[i]!.answer.choices[choice]!));

/** Exact match and F1 of words, the best over a query's right entities, as ReCoRD's script. */
export const recordMetrics: readonly Metric<'choice'>[] = [
  metric('f1', (examples, said) => squadScores(words(examples, said), examples.map(rights), '1.1').f1),
  metric(
    'exactMatch',
    (examples, said) => squadScores(words(examples, said), examples.map(rights), '1.1').exactMatch,
  ),
];
