import { z } from 'zod';
import { TrialState } from '#contracts/trial.js';
import { Uuid } from '../statement.js';

/** The row of a TrialStory. */
export const StoryRow = z.object({
  trialId: Uuid,
  state: TrialState,
  step: z.int(),
  steps: z.int(),
  cause: z.string().nullable(),
  message: z.string().nullable(),
  note: z.string().nullable(),
  cancelRequested: z.boolean(),
  worker: z.string().nullable(), // of the attempt that runs
  awaited: z
    .object({
      trialId: Uuid,
      stage: z.enum(['pretrain', 'adapt', 'tune', 'evaluate']),
      state: TrialState,
      wanted: z.int(), // step
      step: z.int(),
      steps: z.int(),
    })
    .nullable(), // the first checkpoint that is not there yet
});
