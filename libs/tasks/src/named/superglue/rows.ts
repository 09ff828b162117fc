/** SuperGLUE's rows as published (Wang et al. 2019), held to their fields and label values. */
import { z } from 'zod';
import type { SuperGlue } from '#contracts/tasks/superglue.js';
import { placeIn } from '../../reading/fields.js';
import type { DataRecord } from '../../reading/data-record.js';

const text = z.string().refine((s) => s.trim() !== '', 'expected text that is not empty');
const binary = z.union([z.literal(0), z.literal(1)], 'expected 0 or 1');
const truth = z.boolean('expected true or false');
const id = z.int().optional();

const schemas = {
  boolq: z.object({ question: text, passage: text, label: truth, idx: id }),
  rte: z.object({
    premise: text,
    hypothesis: text,
    label: z.enum(['entailment', 'not_entailment'], 'expected "entailment" or "not_entailment"'),
    idx: id,
  }),
  cb: z.object({
    premise: text,
    hypothesis: text,
    label: z.enum(
      ['contradiction', 'entailment', 'neutral'],
      'expected "contradiction", "entailment" or "neutral"',
    ),
    idx: id,
  }),
  copa: z.object({
    premise: text,
    choice1: text,
    choice2: text,
    question: z.enum(['cause', 'effect'], 'expected "cause" or "effect"'),
    label: binary,
    idx: id,
  }),
  wic: z.object({ word: text, sentence1: text, sentence2: text, label: truth, idx: id }),
  multirc: z.object({
    idx: z.int(),
    passage: z.object({
      text,
      questions: z
        .array(
          z.object({
            question: text,
            answers: z.array(z.object({ text: z.string(), label: binary })).min(1),
          }),
        )
        .min(1),
    }),
  }),
  record: z.object({
    idx: z.int(),
    passage: z.object({ text, entities: z.array(z.object({ start: z.int(), end: z.int() })).min(1) }),
    qas: z.array(z.object({ query: text, answers: z.array(z.object({ text })).min(1) })).min(1),
  }),
  wsc: z.object({
    text,
    target: z.object({ span1_text: text, span1_index: z.int(), span2_text: text, span2_index: z.int() }),
    label: truth,
    idx: id,
  }),
} satisfies Record<SuperGlue['dataset'], z.ZodType>;

export type SuperGlueRows = { [D in keyof typeof schemas]: z.infer<(typeof schemas)[D]> };

/** A record as a row of the dataset. Throws an Error naming file, line and field; rows of Hugging Face's
 *  copies are called so. */
export function superGlueRow<D extends SuperGlue['dataset']>(
  dataset: D,
  path: string,
  record: DataRecord,
): SuperGlueRows[D] {
  const parsed = schemas[dataset].safeParse(record.fields);
  if (parsed.success) return parsed.data as SuperGlueRows[D];
  const [issue] = parsed.error.issues;
  const at = issue!.path.map(String).join('.');
  const value = issue!.path.reduce<unknown>(
    (v, key) => (v as Record<PropertyKey, unknown> | undefined)?.[key],
    record.fields,
  );
  const said =
    value === undefined
      ? `no "${at}"; ${dataset} has ${fieldsOf(dataset)}`
      : `${at} is ${short(value)}; ${issue!.message}`;
  throw new Error(`${placeIn(path, record)}: ${said}${renamed(dataset, record.fields)}`);
}

const fieldsOf = (dataset: SuperGlue['dataset']): string => Object.keys(schemas[dataset].shape).join(', ');

function short(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** What Hugging Face's copies of GLUE and SuperGLUE have in place of the published fields. */
function renamed(dataset: SuperGlue['dataset'], fields: Record<string, unknown>): string {
  const numbered = typeof fields['label'] === 'number' && dataset !== 'copa';
  const others =
    dataset === 'wic' ? [] : ['sentence1', 'sentence2', 'text1', 'text2', 'paragraph', 'label_text'];
  if (!numbered && !others.some((name) => Object.hasOwn(fields, name))) return '';
  return ". The fields look like Hugging Face's copy; expected SuperGLUE's own .jsonl files (super.gluebenchmark.com)";
}
