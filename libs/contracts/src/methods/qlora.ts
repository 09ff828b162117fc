import { z } from 'zod';
import { Lora } from './lora.js';

/** LoRA over weights kept in 4 bits, Dettmers et al. 2023. Frozen weights of linear maps are NF4 in blocks of
 *  64. */
export const QLora = z.strictObject({
  ...Lora.shape,
  name: z.literal('qlora'),
  rank: z.int().min(1).max(1024).default(64), // targets null: every linear map
  alpha: z.number().positive().default(16),
  dropout: z.number().min(0).max(0.99).default(0.1),
  doubleQuantisation: z.boolean().default(true), // the blocks' scales in 8 bits too
});
export type QLora = z.infer<typeof QLora>;
