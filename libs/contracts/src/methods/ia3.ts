import { z } from 'zod';
import { targets } from './targets.js';

/** Learned scales of keys, values and feed-forward activations, Liu et al. 2022 (T-Few). */
export const Ia3 = z.strictObject({ name: z.literal('ia3'), targets });
export type Ia3 = z.infer<typeof Ia3>;
