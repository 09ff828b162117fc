import { z } from 'zod';
import type { Kind } from '../kind.js';
import { split } from './split.js';

/** The datasets of SuperGLUE (Wang et al. 2019), each with the kind of its answers. */
export const superGlueKinds = {
  boolq: 'class',
  cb: 'class',
  copa: 'choice',
  multirc: 'class',
  record: 'choice',
  rte: 'class',
  wic: 'class',
  wsc: 'text', // the referent is written, as T5 has it
} as const satisfies Record<string, Kind>;

export type SuperGlueDataset = keyof typeof superGlueKinds;

/** A SuperGLUE folder as published: train.jsonl trains, val.jsonl is reported (test labels are not public).
 */
export const SuperGlue = z.strictObject({
  name: z.literal('superglue'),
  dataset: z.enum(Object.keys(superGlueKinds) as [SuperGlueDataset, ...SuperGlueDataset[]]),
  path: z.string().min(1), // folder that holds <dataset>/train.jsonl
  /** What chooses checkpoints: FewGLUE's dev32.jsonl, or a tenth of train.jsonl by a fixed hash. */
  selectOn: z.enum(['dev32', 'train']).default('dev32'),
  /** T5's one text, or the two sentences of a pair, which encoders read with segments of their own. */
  input: z.enum(['text', 'pair']).default('text'),
  ...split,
});
export type SuperGlue = z.infer<typeof SuperGlue>;
