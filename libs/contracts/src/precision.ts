import { z } from 'zod';

/** What matrix products read, and their gradients. They add up in float32 in both. */
export const Precision = z.enum(['float32', 'bfloat16']);
export type Precision = z.infer<typeof Precision>;
