import { z } from 'zod';
import { Lora } from './lora.js';

/** LoRA on weights whose columns keep a trained length, Liu et al. 2024 (weight-decomposed). */
export const Dora = z.strictObject({ ...Lora.shape, name: z.literal('dora') });
export type Dora = z.infer<typeof Dora>;
