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
export const Prediction = z.object({
  split: z.enum(['validation', 'test']),
  id: z.string(),
  input: z.string(),
  answer: z.union([ClassAnswer, TagsAnswer]),
  group: z.string().optional(),
  part: z.int().optional(), // mixture: the task that it is from
  said: z.union([ClassSaid, TagsSaid]),
});
export type Prediction = z.infer<typeof Prediction>;
