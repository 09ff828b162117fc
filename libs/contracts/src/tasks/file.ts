import { z } from 'zod';
import { split, splitFiles } from './split.js';
import { textMetrics } from './text-metrics.js';

const name = z.literal('file');

/** A template over the columns, such as "question: {q} context: {answers.text}", or the two of a pair of
 *  sentences. */
const input = z.union([z.string().min(1), z.tuple([z.string().min(1), z.string().min(1)])], {
  error: 'expected a text, or the two of a pair',
});

const rows = {
  ...splitFiles,
  groupBy: z.string().min(1).nullable().default(null), // rows with the same value stay in one split
  /** What quotes a value of a .csv or .tsv; '': nothing does. null: by the file's ending, a " in .csv and
   *  nothing in .tsv. */
  quote: z.enum(['', '"', "'"]).nullable().default(null),
};

/** One label a row, among the labels of the file. */
export const FileClass = z.strictObject({
  name,
  // "optional" lets the union find it where nothing is said
  kind: z.literal('class').optional().default('class'),
  ...rows,
  input,
  label: z.string().min(1), // column that holds the label
  // label -> word; null: the labels themselves
  labelWords: z.record(z.string(), z.string().min(1)).nullable().default(null),
  ...split,
});
export type FileClass = z.infer<typeof FileClass>;

/** One of the row's own choices is right. */
export const FileChoice = z.strictObject({
  name,
  kind: z.literal('choice'),
  ...rows,
  input,
  // the column that lists them, or a column for each
  choices: z.union([z.string().min(1), z.array(z.string().min(1)).min(2)]),
  label: z.string().min(1), // the column that says which is right: its number, or its text
  firstLabel: z.int().min(0).max(1).default(0), // the number of the first choice
  ...split,
});
export type FileChoice = z.infer<typeof FileChoice>;

/** A stretch of a context answers a question: SQuAD's JSON (1.1 and 2.0), MRQA's JSONL, or rows with these
 *  columns. */
export const FileSpan = z.strictObject({
  name,
  kind: z.literal('span'),
  ...rows,
  context: z.string().min(1).default('context'),
  question: z.string().min(1).default('question'),
  // { text, answer_start }, texts, or one text; empty: there is no answer
  answers: z.string().min(1).default('answers'),
  ...split,
});
export type FileSpan = z.infer<typeof FileSpan>;

/** A text is written: generation, summarisation, answers in words. */
export const FileText = z.strictObject({
  name,
  kind: z.literal('text'),
  ...rows,
  input,
  // columns; a value may be a list of texts
  references: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  /** Rows with equal inputs are one example with all their references (E2E, WebNLG); training keeps each row.
   */
  joinEqual: z.boolean().default(true),
  // the first chooses checkpoints; null: loss, BLEU, ROUGE-L
  metrics: textMetrics('slotErrorRate'), // E2E's meanings alone have slots
  ...split,
});
export type FileText = z.infer<typeof FileText>;

/** A word stands at the mask: probing. */
export const FileCloze = z.strictObject({
  name,
  kind: z.literal('cloze'),
  ...rows,
  input: z.string().min(1), // has one {mask}, or a column whose text has one "[MASK]" or "<mask>"
  word: z.string().min(1), // the column of the word that stands there
  candidates: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(2)])
    .nullable()
    .default(null),
  /** A text file with a word a line, which all examples share (LAMA's common vocabulary). Rows of other words
   *  are left out. */
  vocabularyPath: z.string().min(1).optional(),
  ...split,
});
export type FileCloze = z.infer<typeof FileCloze>;

/** A number a row: similarity of sentences (STS-B). */
export const FileNumber = z.strictObject({
  name,
  kind: z.literal('number'),
  ...rows,
  input,
  value: z.string().min(1), // the column of the number
  ...split,
});
export type FileNumber = z.infer<typeof FileNumber>;

const pattern = z
  .string()
  .refine(
    (path) => path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    'expected a path below the folder, with "/", where * is any part of a name: "*.txt", "*/*.txt"',
  );

/** The text itself is predicted: perplexity. A text file, or those of a folder, with one document a line or
 *  with blank lines between them. */
export const FileLanguage = z
  .strictObject({
    name,
    kind: z.literal('language'),
    ...splitFiles,
    /** Which files of a folder are read (file-patterns.ts); the paths then name folders. null: they name
     *  files. */
    files: z
      .union([pattern, z.array(pattern).min(1)])
      .nullable()
      .default(null),
    documents: z.enum(['lines', 'paragraphs', 'file']).default('lines'), // what is one document
    wholeFiles: z.boolean().default(false), // of a folder: all documents of a file stay in one split
    ...split,
  })
  .refine(({ files, wholeFiles }) => files !== null || !wholeFiles, {
    path: ['wholeFiles'],
    message: 'keeps the files of a folder whole, and task.files names none; leave it out',
  });
export type FileLanguage = z.infer<typeof FileLanguage>;

/** The files of the folders that a language task's paths name, as patterns; empty where they name files. */
export const languageFolderFiles = ({ files }: Pick<FileLanguage, 'files'>): string[] =>
  files === null ? [] : [files].flat();

/** Any file of the user's: CSV, TSV, JSON or JSONL (plain or gzip), by the kind of its answers. Tags are a
 *  task of their own. */
export const FileTask = z.discriminatedUnion('kind', [
  FileClass,
  FileChoice,
  FileSpan,
  FileText,
  FileCloze,
  FileNumber,
  FileLanguage,
]);
export type FileTask = z.infer<typeof FileTask>;
