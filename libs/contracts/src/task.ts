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
export type WordnetSupersense = z.infer<typeof WordnetSupersense>;

/** Any CSV, TSV, JSON or JSONL file. `input` is a template over its columns, e.g. "question: {q} context: {answers.text}". */
export const FileTask = z.strictObject({
  name: z.literal('file'),
  path: z.string().min(1), // the training file, or the only file
  validationPath: z.string().min(1).nullable().default(null), // null: cut from the training file by a fixed hash
  testPath: z.string().min(1).nullable().default(null),
  input: z.string().min(1),
  label: z.string().min(1), // column that holds the label
  labelWords: z.record(z.string(), z.string().min(1)).nullable().default(null), // label -> word; null: the labels themselves
  groupBy: z.string().min(1).nullable().default(null), // rows with the same value stay in one split
  /** What quotes a value of a .csv or .tsv; '': nothing does. null: by the file's ending, a " in .csv and nothing in .tsv. */
  quote: z.enum(['', '"', "'"]).nullable().default(null),
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

/** Words with a tag each: JSONL rows { tokens: [...], tags: [...] }, or a file of columns, one word a line and blank lines between sentences
 *  (CoNLL); .conllu files' comments, ranges and empty nodes are left out. */
export const Tagging = z.strictObject({
  name: z.literal('tagging'),
  path: z.string().min(1), // the training file, or the only file
  validationPath: z.string().min(1).nullable().default(null), // null: cut from the training file by a fixed hash
  testPath: z.string().min(1).nullable().default(null),
  words: z.string().min(1).default('tokens'), // JSONL: the field that holds the words
  tags: z.string().min(1).default('tags'), // JSONL: the field that holds their tags
  wordColumn: z.int().min(0).default(0), // columns: from 0
  tagColumn: z.int().min(-1).default(-1), // -1: the last
  /** spans: B-X, I-X (and E-X, S-X), O, scored by whole spans; plain: a tag says nothing of its neighbours (parts of speech); null: spans where
   *  every tag is one of theirs. */
  scheme: z.enum(['spans', 'plain']).nullable().default(null),
  groupBy: z.string().min(1).nullable().default(null), // JSONL: rows with the same value stay in one split
  ...split,
});
export type Tagging = z.infer<typeof Tagging>;

/** Slots in restaurant bookings, Coope et al. 2020: a folder with train_0.json and test.json. */
export const Restaurant8k = z.strictObject({
  name: z.literal('restaurant8k'),
  path: z.string().min(1),
  subset: z.enum(['train_0', 'train_3', 'train_5']).default('train_0'), // the training file; validation is always the end of train_0
  requestedSlots: z.boolean().default(true), // what the system had asked for stands in front of the text
  ...split,
});
export type Restaurant8k = z.infer<typeof Restaurant8k>;

const ofMixture = { maxLength: true, scoring: true } as const; // the whole's

const MixedTask = z.discriminatedUnion('name', [
  WordnetSupersense.omit(ofMixture),
  FileTask.omit(ofMixture),
  SuperGlue.omit(ofMixture),
  Tagging.omit(ofMixture),
  Restaurant8k.omit(ofMixture),
]);
type MixedTask = z.infer<typeof MixedTask>;

/** What kind of answer a task's texts have: one label a text, or a tag a word. */
export type Kind = 'class' | 'tags';

const kinds = {
  'wordnet-supersense': 'class',
  file: 'class',
  superglue: 'class',
  tagging: 'tags',
  restaurant8k: 'tags',
} as const satisfies Record<MixedTask['name'], Kind>;

export type KindOf<N extends keyof typeof kinds> = (typeof kinds)[N];

/** Several tasks trained at once with shared parameters (multi-task learning, Raffel et al. 2020 §3.5.2; with P-tuning v2, Liu et al. 2022 §3.3). A
 *  batch has examples of all of them; each is answered among its own task's labels, and by a head of its own where there are heads. */
export const Mixture = z
  .strictObject({
    name: z.literal('mixture'),
    tasks: z.record(z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}$/i, 'expected a name of letters, digits, "_" or "-"'), MixedTask),
    /** How often a task's examples come: in proportion to how many it has, or all tasks equally. */
    mixing: z.enum(['proportional', 'equal']).default('proportional'),
    limit: z.int().min(1).nullable().default(null), // proportional: a task counts as this many examples at most
    temperature: z.number().min(1).max(100).default(1), // proportional: shares to the power of its inverse, and so nearer to equal
    maxLength: split.maxLength,
    scoring: split.scoring,
  })
  .refine(({ tasks }) => Object.keys(tasks).length > 1, { path: ['tasks'], message: 'expected two tasks or more' })
  .refine(({ tasks }) => new Set(Object.values(tasks).map((task) => kinds[task.name])).size < 2, {
    path: ['tasks'],
    message: 'some tag words and some label texts; expected one kind',
  })
  .refine(({ mixing, limit, temperature }) => mixing === 'proportional' || (limit === null && temperature === 1), {
    path: ['mixing'],
    message: 'equal shares have neither limit nor temperature',
  });
export type Mixture = z.infer<typeof Mixture>;

const SingleTask = z.discriminatedUnion('name', [WordnetSupersense, FileTask, SuperGlue, Tagging, Restaurant8k]);
export type SingleTask = z.infer<typeof SingleTask>;

export const Task = z.discriminatedUnion('name', [...SingleTask.options, Mixture]);
export type Task = z.infer<typeof Task>;

/** The kind of a task's answers; those of a mixture's tasks are one and the same. */
export function kindOf(task: Task | MixedTask): Kind {
  return task.name === 'mixture' ? kindOf(Object.values(task.tasks)[0]!) : kinds[task.name];
}

/** The tasks that a task is made of, each by its knob; those of a mixture in the order of their names, which is no part of its meaning. */
export function singleTasks(task: Task, knob = 'task'): { knob: string; name: string; task: SingleTask }[] {
  if (task.name !== 'mixture') return [{ knob, name: task.name, task }];
  const { tasks, maxLength, scoring } = task;
  return Object.keys(tasks)
    .toSorted()
    .map((name) => ({ knob: `${knob}.tasks.${name}`, name, task: { ...tasks[name]!, maxLength, scoring } }));
}
