import { z } from 'zod';

/** What a trial's model said of its validation and test examples. One file a trial: JSON lines, gzip. */
export const predictionsFile = 'predictions.jsonl.gz';

/** The first line. */
export const PredictionsHead = z.object({
  task: z.string(),
  kind: z.enum(['class', 'tags']),
  labels: z.array(z.string()),
  hash: z.string(), // of the dataset
});
export type PredictionsHead = z.infer<typeof PredictionsHead>;

const ClassAnswer = z.object({ label: z.int() });
const TagsAnswer = z.object({
  before: z.array(z.string()),
  words: z.array(z.string()),
  tags: z.array(z.int()),
  lost: z.int(),
});
const ClassSaid = z.object({
  label: z.int().nullable(), // null: what was said is no label
  scores: z.array(z.number().nullable()).optional(), // of each label; null where it is no number
  text: z.string().optional(), // what was written
});
const TagsSaid = z.object({ tags: z.array(z.int().nullable()) }); // one a word; null: none was said

/** Every other line: an example with what is right and what was said. Labels and tags are indices into the head's. */
const example = {
  split: z.enum(['validation', 'test']),
  id: z.string(),
  input: z.string(),
  group: z.string().optional(),
  part: z.int().optional(), // mixture: the task that it is from
};

/** The lines of a file by its kind. */
export const predictionOf = {
  class: z.object({ ...example, answer: ClassAnswer, said: ClassSaid }),
  tags: z.object({ ...example, answer: TagsAnswer, said: TagsSaid }),
} satisfies Record<PredictionsHead['kind'], z.ZodType>;
export type ClassPrediction = z.infer<typeof predictionOf.class>;
export type TagsPrediction = z.infer<typeof predictionOf.tags>;

export const Prediction = z.union([predictionOf.class, predictionOf.tags]);
export type Prediction = z.infer<typeof Prediction>;

const whole = (least: number, most: number) =>
  z.string().regex(/^\d{1,9}$/, `expected a whole number from ${least} to ${most}`).transform(Number).pipe(z.int().min(least).max(most)); // prettier-ignore

/** The most predictions that one answer holds. */
export const mostPredictions = 200;

/** Which of a trial's predictions are asked for, as a query string says it. */
export const PredictionsQuery = z.strictObject({
  split: z.enum(['validation', 'test']).default('test'),
  wrong: z.stringbool({ truthy: ['true'], falsy: ['false'] }).default(false), // those alone whose answer is not what was said
  n: whole(1, mostPredictions).default(20),
  offset: whole(0, 999_999_999).default(0), // how many of those to pass over
});
export type PredictionsQuery = z.infer<typeof PredictionsQuery>;

/** A page of predictions, and what the whole split amounts to. */
export const PredictionsView = PredictionsHead.extend({
  split: z.enum(['validation', 'test']),
  examples: z.int(), // of the split
  wrong: z.int(), // of those
  offset: z.int(),
  predictions: z.array(Prediction), // in the file's order
  /** Of kind class: how often a label was said where one was right. Pairs that never occur are left out; `said` null: no label. */
  confusion: z.array(z.object({ right: z.int(), said: z.int().nullable(), count: z.int() })).nullable(),
});
export type PredictionsView = z.infer<typeof PredictionsView>;
