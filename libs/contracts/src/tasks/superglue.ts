import { z } from 'zod';
import { split } from './split.js';

/** A SuperGLUE folder as published (train.jsonl, val.jsonl; dev32.jsonl selects where present). */
export const SuperGlue = z.strictObject({
  name: z.literal('superglue'),
  dataset: z.enum(['boolq', 'rte', 'copa', 'wic', 'multirc']),
  path: z.string().min(1), // folder that holds <dataset>/train.jsonl
  ...split,
});
export type SuperGlue = z.infer<typeof SuperGlue>;
