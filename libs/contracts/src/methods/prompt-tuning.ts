import { z } from 'zod';

/** Soft prompt in front of the (encoder) input, Lester et al. 2021. */
export const PromptTuning = z.strictObject({
  name: z.literal('prompt-tuning'),
  length: z.int().min(1).max(10_000).default(100), // virtual tokens
  /** random: U[-0.5, 0.5] as in the paper; random-positive: U[0, 0.5), as the released code draws. */
  init: z.enum(['random', 'random-positive', 'vocabulary', 'class-labels']).default('class-labels'),
  place: z.enum(['input', 'encoder-and-decoder']).default('input'), // a prompt of its own for the decoder too
});
export type PromptTuning = z.infer<typeof PromptTuning>;
