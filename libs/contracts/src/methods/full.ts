import { z } from 'zod';

/** Every weight of the backbone is trained ("model tuning" in Lester et al. 2021). */
export const FullTuning = z.strictObject({ name: z.literal('full') });
export type FullTuning = z.infer<typeof FullTuning>;
