import { z } from 'zod';
import { targets } from './targets.js';

/** Trained vectors between random projections that all maps share, Kopiczko et al. 2024. */
export const Vera = z.strictObject({
  name: z.literal('vera'),
  targets, // null: queries and values
  rank: z.int().min(1).max(65_536).default(256), // of the projections
  dInitial: z.number().default(0.1), // where the inner vector begins; the outer one begins as zero
  // what the projections are drawn from; peft's projection_prng_key
  projectionKey: z.int().min(0).max(2 ** 32 - 1).default(0),
  dropout: z.number().min(0).max(0.99).default(0), // of what the update reads, while training
}); // prettier-ignore
export type Vera = z.infer<typeof Vera>;
