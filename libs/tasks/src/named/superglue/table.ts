/** SuperGLUE's tasks, with T5's templates less the task token, which Lester et al. 2021 drop. */
import { type SuperGlue, type SuperGlueDataset, type superGlueKinds } from '#contracts/tasks/superglue.js';
import type { Dataset, Splits } from '../../dataset.js';
import type { Answers, Segments } from '../../example.js';
import { choiceDataset } from '../../kinds/choice.js';
import { accuracyOf, binaryF1Of, classDataset, groupsOf } from '../../kinds/class.js';
import type { TaskDefinition } from '../../task.js';
import { type Part, type RowReading, superGlueSplits, superGlueReader } from './splits.js';
import { recordEntities, recordMetrics } from './record.js';
import { wscDataset, wscExamples } from './wsc.js';

type KindOf<D extends SuperGlueDataset> = (typeof superGlueKinds)[D];

function taskOf<D extends SuperGlueDataset>(
  reading: RowReading<D, KindOf<D>>,
  dataset: (splits: Splits<KindOf<D>>) => Dataset<KindOf<D>>,
): TaskDefinition<SuperGlue, KindOf<D>> {
  return {
    reader: superGlueReader,
    splits: (config, records) => superGlueSplits<D, KindOf<D>>(config, records, reading),
    dataset,
  };
}

/** One text with T5's names of its parts, or the two sentences of a pair. */
const worded = (input: SuperGlue['input'], text: string, pair: readonly [string, string]): Segments =>
  input === 'pair' ? pair : [text];

/** A dataset of one label a row. */
const ofLabels = <D extends 'boolq' | 'cb' | 'rte' | 'wic'>(
  labels: readonly string[],
  read: (row: Parameters<RowReading<D, 'class'>['read']>[0], input: SuperGlue['input']) => Part<'class'>,
): RowReading<D, 'class'> => ({
  labels,
  read: (row, _split, input) => [read(row, input)],
  label: ({ label }) => label,
});

const truth = ['False', 'True'];

export const superGlueTasks = {
  boolq: taskOf<'boolq'>(
    ofLabels<'boolq'>(truth, (r, input) => ({
      input: worded(input, `passage: ${r.passage} question: ${r.question}`, [r.question, r.passage]),
      answer: { label: Number(r.label) },
    })),
    (splits) => classDataset(splits),
  ),
  cb: taskOf<'cb'>(
    ofLabels<'cb'>(['contradiction', 'entailment', 'neutral'], (r, input) => ({
      input: worded(input, `hypothesis: ${r.hypothesis} premise: ${r.premise}`, [r.premise, r.hypothesis]),
      answer: { label: ['contradiction', 'entailment', 'neutral'].indexOf(r.label) },
    })),
    (splits) => classDataset(splits),
  ),
  copa: taskOf<'copa'>(
    {
      read: (r, _split, input) => [
        {
          input: worded(input, `premise: ${r.premise} question: ${r.question}`, [r.premise, r.question]),
          answer: { choices: [r.choice1, r.choice2], right: r.label },
        },
      ],
      label: ({ choices, right }) => choices[right]!,
    },
    (splits) => choiceDataset(splits),
  ),
  multirc: taskOf<'multirc'>(
    {
      labels: truth,
      label: ({ label }) => label,
      /** One example an answer; the passage's HTML is removed. */
      read({ idx, passage: { text, questions } }, _split, input) {
        const paragraph = text.replaceAll(/<br>|<b>|<\/b>/g, ' ').replaceAll(/\s+/g, ' ');
        return questions.flatMap(({ question, answers }) =>
          answers.map((answer) => ({
            input: worded(input, `question: ${question} answer: ${answer.text} paragraph: ${paragraph}`, [
              `${question} ${answer.text}`,
              paragraph,
            ]),
            answer: { label: answer.label },
            group: `${idx} ${question}`,
          })),
        );
      },
    },
    (splits) => classDataset(splits, { metrics: [accuracyOf, binaryF1Of, groupsOf], validateBy: 'f1' }),
  ),
  record: taskOf<'record'>({ read: recordEntities }, (splits) => choiceDataset(splits, recordMetrics)),
  rte: taskOf<'rte'>(
    ofLabels<'rte'>(['entailment', 'not_entailment'], (r, input) => ({
      input: worded(input, `hypothesis: ${r.hypothesis} premise: ${r.premise}`, [r.premise, r.hypothesis]),
      answer: { label: Number(r.label === 'not_entailment') },
    })),
    (splits) => classDataset(splits),
  ),
  wic: taskOf<'wic'>(
    ofLabels<'wic'>(truth, (r, input) => ({
      input: worded(input, `sentence1: ${r.sentence1} sentence2: ${r.sentence2} word: ${r.word}`, [
        `${r.word}: ${r.sentence1}`,
        r.sentence2,
      ]),
      answer: { label: Number(r.label) },
    })),
    (splits) => classDataset(splits),
  ),
  wsc: taskOf<'wsc'>({ read: wscExamples }, wscDataset),
} satisfies { [D in SuperGlueDataset]: TaskDefinition<SuperGlue, KindOf<D>> };

export type SuperGlueAnswer = Answers[KindOf<SuperGlueDataset>];
