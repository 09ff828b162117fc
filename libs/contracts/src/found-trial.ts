import { z } from 'zod';
import { CellView } from './experiment.js';

/** By what a trial is looked for: the beginning of its id or of a cell's, or GRID/INDEX. */
export const TrialsQuery = z.strictObject({ called: z.string().min(1).max(200) });

export const FoundTrial = z.object({
  trialId: z.uuid(),
  experiment: z.object({ id: z.uuid(), name: z.string() }),
  // null: no cell of the experiment shows it (adaptation, pretraining)
  cell: CellView.pick({ id: true, grid: true, index: true, point: true }).nullable(),
});
export type FoundTrial = z.infer<typeof FoundTrial>;

/** Trials that are tried again. */
export const RetriedView = z.object({ trials: z.array(z.uuid()) });
export type RetriedView = z.infer<typeof RetriedView>;
