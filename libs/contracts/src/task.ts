import { z } from 'zod';

const split = {
  train: z.int().min(1).nullable().default(null), // examples taken from the fixed training split; null: all of it
  validation: z.int().min(1).nullable().default(null),
  test: z.int().min(1).nullable().default(null),
  maxLength: z.int().min(4).max(4096).default(128), // tokens of input kept, specials included
  /** How a model that writes answers: the likeliest label word, or the decoded text compared with the label word. */
  scoring: z.enum(['label-words', 'decode']).default('label-words'),
};

/** WordNet gloss -> one of 8 supersenses, split by synset. */
export const WordnetSupersense = z.strictObject({ name: z.literal('wordnet-supersense'), ...split });

/** Any CSV or JSONL file. `input` is a template over its columns, e.g. "question: {q} context: {text}". */
export const FileTask = z.strictObject({
  name: z.literal('file'),
  path: z.string().min(1), // the training file, or the only file
  validationPath: z.string().min(1).nullable().default(null), // null: cut from the training file by a fixed hash
  testPath: z.string().min(1).nullable().default(null),
  input: z.string().min(1),
  label: z.string().min(1), // column that holds the label
  labelWords: z.record(z.string(), z.string().min(1)).nullable().default(null), // label -> word; null: the labels themselves
  groupBy: z.string().min(1).nullable().default(null), // rows with the same value stay in one split
  ...split,
});
export type FileTask = z.infer<typeof FileTask>;

/** A SuperGLUE folder as published (train.jsonl, val.jsonl; dev32.jsonl selects where present). */
export const SuperGlue = z.strictObject({
  name: z.literal('superglue'),
  dataset: z.enum(['boolq', 'rte', 'copa', 'wic', 'multirc']),
  path: z.string().min(1), // folder that holds <dataset>/train.jsonl
  ...split,
});
export type SuperGlue = z.infer<typeof SuperGlue>;

export const Task = z.discriminatedUnion('name', [WordnetSupersense, FileTask, SuperGlue]);
export type Task = z.infer<typeof Task>;
