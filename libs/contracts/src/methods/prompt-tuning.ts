import { z } from 'zod';
import type { Carrier, Uncarried } from '../family.js';

/** Soft prompt in front of the (encoder) input, Lester et al. 2021. */
export const PromptTuning = z.strictObject({
  name: z.literal('prompt-tuning'),
  length: z.int().min(1).max(10_000).default(100), // virtual tokens
  /** random: U[-0.5, 0.5] as in the paper; random-positive: U[0, 0.5), as the released code draws. */
  init: z.enum(['random', 'random-positive', 'vocabulary', 'class-labels']).default('class-labels'),
  place: z.enum(['input', 'encoder-and-decoder']).default('input'), // a prompt of its own for the decoder too
});
export type PromptTuning = z.infer<typeof PromptTuning>;

export const promptTuningUncarried = ({ place }: PromptTuning, { kind, is }: Carrier): Uncarried | null =>
  place === 'encoder-and-decoder' && kind !== 'encoder-decoder'
    ? { path: 'method.place', message: `"${place}" needs an encoder-decoder, and ${is}` }
    : null;
