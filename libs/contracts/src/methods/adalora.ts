import { z } from 'zod';
import type { Uncarried } from '../family.js';
import { targets } from './targets.js';

/** Low-rank updates P diag(lambda) Q whose ranks compete for a budget, Zhang et al. 2023. */
export const AdaLora = z.strictObject({
  name: z.literal('adalora'),
  targets, // null: every linear map
  rank: z.int().min(1).max(1024).default(12), // of each map at first
  targetRank: z.int().min(1).max(1024).default(8), // of each map at the end, on average
  // null: no scaling, as in the paper; else alpha / rank, as in its code
  alpha: z.number().positive().nullable().default(null),
  warmup: z.int().min(0).default(0), // steps before the budget shrinks (t_i)
  final: z.int().min(0).default(0), // steps at the end with a settled budget (t_f)
  every: z.int().min(1).default(1), // steps between two allocations (delta T)
  beta1: z.number().min(0).max(0.9999).default(0.85), // of the importance's running mean
  beta2: z.number().min(0).max(0.9999).default(0.85), // of its uncertainty's
  orthogonality: z.number().min(0).default(0.1), // gamma; Hugging Face peft's default is 0.5
});
export type AdaLora = z.infer<typeof AdaLora>;

export const adaLoraUncarried = ({ rank, targetRank }: AdaLora): Uncarried | null =>
  targetRank > rank
    ? {
        path: 'method.targetRank',
        message: `${targetRank} is more than method.rank ${rank}, from which it shrinks`,
      }
    : null;
