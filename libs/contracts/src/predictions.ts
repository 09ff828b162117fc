import { z } from 'zod';
import { Kind } from './kind.js';

/** What a trial's model said of its validation and test examples. One file a trial: JSON lines, gzip. */
export const predictionsFile = 'predictions.jsonl.gz';

/** The first line. */
export const PredictionsHead = z.object({
  task: z.string(),
  kind: Kind,
  labels: z.array(z.string()), // empty where the kind has none
  hash: z.string(), // of the dataset
});
export type PredictionsHead = z.infer<typeof PredictionsHead>;

const text = z.string();
// of each label or choice; null where it is no number
const scores = z.array(z.number().nullable()).optional();

/** What is right and what was said, by kind (libs/tasks/src/example.ts). Labels and tags are indices into the
 *  head's. */
const answered = {
  class: {
    answer: z.object({ label: z.int() }),
    said: z.object({ label: z.int().nullable(), scores, text: text.optional() }),
  },
  choice: {
    answer: z.object({ choices: z.array(text), right: z.int(), alsoRight: z.array(z.int()).optional() }),
    said: z.object({ choice: z.int().nullable(), scores, text: text.optional() }),
  },
  tags: {
    answer: z.object({ before: z.array(text), words: z.array(text), tags: z.array(z.int()), lost: z.int() }),
    said: z.object({ tags: z.array(z.int().nullable()) }),
  },
  span: {
    answer: z.object({ answers: z.array(z.object({ from: z.int(), to: z.int() })) }),
    said: z.object({
      text,
      from: z.int().nullable(),
      to: z.int().nullable(),
      score: z.number().nullable().optional(),
    }),
  },
  text: {
    answer: z.object({
      references: z.array(text),
      negated: z.boolean().optional(),
      meaning: text.optional(),
    }),
    said: z.object({ text }),
  },
  cloze: {
    answer: z.object({ word: text, candidates: z.array(text).optional() }),
    said: z.object({ rank: z.int().nullable(), words: z.array(text) }),
  },
  number: { answer: z.object({ value: z.number() }), said: z.object({ value: z.number().nullable() }) },
  language: { answer: z.object({}), said: z.object({}) },
} satisfies Record<Kind, { answer: z.ZodType; said: z.ZodType }>;

/** Every other line: an example with what is right and what was said. */
const example = {
  split: z.enum(['validation', 'test']),
  id: z.string(),
  input: z.array(z.string()), // its segments
  group: z.string().optional(),
  part: z.int().optional(), // mixture: the task that it is from
  likelihood: z.object({ nats: z.number(), tokens: z.int(), bytes: z.int() }).optional(), // of what is right
};

const lineOf = <K extends Kind>(kind: K) =>
  z.object({ kind: z.literal(kind), ...example, ...answered[kind] });

/** The lines of a file by its kind. */
export const predictionOf = {
  class: lineOf('class'),
  choice: lineOf('choice'),
  tags: lineOf('tags'),
  span: lineOf('span'),
  text: lineOf('text'),
  cloze: lineOf('cloze'),
  number: lineOf('number'),
  language: lineOf('language'),
} satisfies { [K in Kind]: z.ZodType<{ kind: K }> };
export type PredictionOf<K extends Kind> = z.infer<(typeof predictionOf)[K]>;

export const Prediction = z.discriminatedUnion('kind', [
  predictionOf.class,
  predictionOf.choice,
  predictionOf.tags,
  predictionOf.span,
  predictionOf.text,
  predictionOf.cloze,
  predictionOf.number,
  predictionOf.language,
]);
export type Prediction = z.infer<typeof Prediction>;

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `expected a whole number from ${least} to ${most}`)
    .transform(Number)
    .pipe(z.int().min(least).max(most));

/** The most predictions that one answer holds. */
export const mostPredictions = 200;

/** Which of a trial's predictions are asked for, as a query string says it. */
export const PredictionsQuery = z.strictObject({
  split: z.enum(['validation', 'test']).default('test'),
  // those alone whose answer is not what was said
  wrong: z.stringbool({ truthy: ['true'], falsy: ['false'] }).default(false),
  n: whole(1, mostPredictions).default(20),
  offset: whole(0, 999_999_999).default(0), // how many of those to pass over
});
export type PredictionsQuery = z.infer<typeof PredictionsQuery>;

/** A page of predictions, and what the whole split amounts to. */
export const PredictionsView = PredictionsHead.extend({
  split: z.enum(['validation', 'test']),
  examples: z.int(), // of the split
  wrong: z.int().nullable(), // of those; null: answers of this kind are neither right nor wrong
  offset: z.int(),
  predictions: z.array(Prediction), // in the file's order
  /** Of kind class: how often a label was said where one was right. Pairs that never occur are left out;
   *  `said` null: no label. */
  confusion: z.array(z.object({ right: z.int(), said: z.int().nullable(), count: z.int() })).nullable(),
});
export type PredictionsView = z.infer<typeof PredictionsView>;
