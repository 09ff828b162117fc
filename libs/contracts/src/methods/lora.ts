import { z } from 'zod';
import { targets } from './targets.js';

/** Low-rank updates of linear maps, Hu et al. 2022. */
export const Lora = z.strictObject({
  name: z.literal('lora'),
  targets, // null: queries and values
  rank: z.int().min(1).max(1024).default(8),
  alpha: z.number().positive().default(8), // the update is scaled by alpha / rank
  rsLora: z.boolean().default(false), // by alpha / sqrt(rank) instead (Kalajdzievski 2023)
  dropout: z.number().min(0).max(0.99).default(0), // of what the update reads, while training
});
export type Lora = z.infer<typeof Lora>;
