import { z } from 'zod';
import { split, splitFiles } from './split.js';

/** Words with a tag each: JSONL rows { tokens: [...], tags: [...] }, or a file of columns, one word a line
 *  and blank lines between sentences (CoNLL). Comments, ranges and empty nodes of .conllu files are left out.
 */
export const Tagging = z.strictObject({
  name: z.literal('tagging'),
  ...splitFiles,
  words: z.string().min(1).default('tokens'), // JSONL: the field that holds the words
  tags: z.string().min(1).default('tags'), // JSONL: the field that holds their tags
  wordColumn: z.int().min(0).default(0), // columns: from 0
  tagColumn: z.int().min(-1).default(-1), // -1: the last
  /** spans: B-X, I-X (and E-X, S-X), O, scored by whole spans; plain: a tag says nothing of its neighbours
   *  (parts of speech); null: spans where every tag is one of theirs. */
  scheme: z.enum(['spans', 'plain']).nullable().default(null),
  groupBy: z.string().min(1).nullable().default(null), // JSONL: rows with the same value stay in one split
  ...split,
});
export type Tagging = z.infer<typeof Tagging>;
