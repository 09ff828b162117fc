import { z } from 'zod';
import { split, splitFiles } from './split.js';

/** Where the columns of a format are, from 0. `behind`: columns that follow the roles. */
export const roleColumns = {
  conll2005: { word: 0, predicate: 7, behind: 0 },
  conll2012: { word: 3, predicate: 7, roles: 11, behind: 1 },
  plain: { word: 0, predicate: 1, behind: 0 },
} as const satisfies Record<string, { word: number; predicate: number; roles?: number; behind: number }>;

/** Semantic roles in CoNLL's columns (Carreras & Màrquez 2005; Pradhan et al. 2012): a word a line, a column
 *  that marks predicates, and a column of roles for each predicate. */
export const SemanticRoles = z.strictObject({
  name: z.literal('semantic-roles'),
  ...splitFiles,
  /** plain: word, predicate or "-", then the roles. */
  format: z.enum(Object.keys(roleColumns) as [keyof typeof roleColumns]).default('conll2005'),
  ...split,
});
export type SemanticRoles = z.infer<typeof SemanticRoles>;
