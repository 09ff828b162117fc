/** Files of questions as published, flattened to a record a question. */
import { z } from 'zod';
import type { FileSpan } from '#contracts/tasks/file.js';
import type { DataRecord } from '../../reading/data-record.js';
import { placeIn } from '../../reading/fields.js';

const text = z.string('expected a text');
const start = z.int('expected a whole number');

/** SQuAD 1.1 and 2.0: an article of paragraphs. */
const Article = z.object({
  paragraphs: z.array(
    z.object({
      context: text,
      qas: z.array(
        z.object({
          id: z.union([z.string(), z.number()]).optional(),
          question: text,
          is_impossible: z.boolean().default(false),
          answers: z.array(z.object({ text, answer_start: start })).default([]),
        }),
      ),
    }),
  ),
});

/** MRQA 2019: a context with questions; `char_spans` are inclusive. */
const Context = z.object({
  context: text,
  qas: z.array(
    z.object({
      qid: z.string().optional(),
      question: text,
      detected_answers: z
        .array(z.object({ text, char_spans: z.array(z.tuple([start, start])).min(1) }))
        .min(1),
    }),
  ),
});

type Columns = Pick<FileSpan, 'context' | 'question' | 'answers'>;

type Read = (path: string, record: DataRecord, columns: Columns) => DataRecord[];

/** How records of published questions are flattened; undefined: they are none. */
function readingOf(records: readonly DataRecord[]): Read | undefined {
  const first = records.find(({ fields }) => !('header' in fields))?.fields ?? {};
  return 'paragraphs' in first ? ofArticle : 'qas' in first ? ofContext : undefined;
}

const flattened = new WeakMap<readonly DataRecord[], Map<string, DataRecord[]>>();

/** The records as they are, or, of SQuAD's articles and MRQA's contexts, one for each question under the
 *  task's names. Throws an Error naming file, item and field. */
export function questionsIn(
  path: string,
  records: readonly DataRecord[],
  columns: Columns,
): readonly DataRecord[] {
  const read = readingOf(records);
  return read ? flattenedBy(read, { path, records, columns, way: 'spans' }) : records;
}

/** Questions as published, with their answers in words: the columns `question`, `context` and `answers`, each
 *  answer once. Null where the records are no such questions. Throws as questionsIn() does. */
export function wordedQuestions(path: string, records: readonly DataRecord[]): DataRecord[] | null {
  const read = readingOf(records);
  return read ? flattenedBy(worded(read), { path, records, columns: names, way: 'words' }) : null;
}

const names: Columns = { context: 'context', question: 'question', answers: 'answers' };

const worded =
  (read: Read): Read =>
  (path, record, columns) =>
    read(path, record, columns).map(({ line, fields }) => {
      const answers = fields['answers'] as { text: string }[];
      return { line, fields: { ...fields, answers: [...new Set(answers.map((answer) => answer.text))] } };
    });

interface Published {
  path: string;
  records: readonly DataRecord[];
  columns: Columns;
  way: 'spans' | 'words';
}

/** The flattened records, made once for each way. */
function flattenedBy(read: Read, { path, records, columns, way }: Published): DataRecord[] {
  const known = flattened.get(records) ?? new Map<string, DataRecord[]>();
  flattened.set(records, known);
  const key = `${way} ${JSON.stringify(columns)}`;
  const own = known.get(key) ?? records.flatMap((record) => read(path, record, columns));
  known.set(key, own);
  return own;
}

function ofArticle(path: string, record: DataRecord, columns: Columns): DataRecord[] {
  return held(Article, path, record).paragraphs.flatMap(({ context, qas }) =>
    qas.map(({ id, question, is_impossible, answers }) => ({
      line: record.line,
      fields: {
        id,
        [columns.question]: question,
        [columns.context]: context,
        [columns.answers]: answers,
        is_impossible,
      },
    })),
  );
}

function ofContext(path: string, record: DataRecord, columns: Columns): DataRecord[] {
  if ('header' in record.fields) return [];
  return held(Context, path, record).qas.flatMap(({ qid, question, detected_answers }) => {
    const { context } = record.fields as { context: string };
    const answers = detected_answers.flatMap(({ char_spans }) =>
      char_spans.map(([from, last]) => ({ text: context.slice(from, last + 1), answer_start: from })),
    );
    const fields = {
      id: qid,
      [columns.question]: question,
      [columns.context]: context,
      [columns.answers]: answers,
    };
    return [{ line: record.line, fields }];
  });
}

function held<T>(schema: z.ZodType<T>, path: string, record: DataRecord): T {
  const { success, data, error } = schema.safeParse(record.fields);
  if (success) return data;
  const { path: at, message } = error.issues[0]!;
  throw new Error(`${placeIn(path, record)}: ${at.map(String).join('.')}: ${message}`);
}
