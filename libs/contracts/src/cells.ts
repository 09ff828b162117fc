import { z } from 'zod';
import { CellView } from './experiment.js';
import { listOf, wholeNumber } from './query-values.js';
import { TrialState } from './trial.js';
import { Wheres } from './where.js';

/** The most cells that one page holds. */
export const mostCells = 1_000;

/** Which of an experiment's cells are asked for, as a query string says it. */
export const CellsQuery = z.strictObject({
  grid: listOf(z.string()).optional(),
  state: listOf(TrialState).optional(),
  where: Wheres.optional(),
  // those alone that an event behind this one tells of
  since: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional(),
  limit: wholeNumber(1, mostCells).default(mostCells),
  cursor: wholeNumber(0, 999_999_999).optional(), // `next` of the page before
  format: z.enum(['json', 'ndjson']).default('json'),
});
export type CellsQuery = z.infer<typeof CellsQuery>;

/** A page of cells in the order of the file. */
export const CellsPage = z.object({
  at: z.int(), // the newest event when the page was read: the events behind it tell what has changed since
  cells: z.array(CellView),
  next: z.string().nullable(), // cursor of the next page; null: this is the last
});
export type CellsPage = z.infer<typeof CellsPage>;
