import { z } from 'zod';

/** The last layers' weights only (FT-top2 in Li & Liang 2021). */
export const TopLayers = z.strictObject({
  name: z.literal('top-layers'),
  layers: z.int().min(1).max(1000).default(2),
});
export type TopLayers = z.infer<typeof TopLayers>;
