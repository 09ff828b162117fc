import { z } from 'zod';
import type { Carrier, Uncarried } from '../family.js';

/** Bottleneck adapters: Houlsby et al. 2019, Pfeiffer et al. 2021, He et al. 2022. */
export const Adapter = z.strictObject({
  name: z.literal('adapter'),
  kind: z.enum(['houlsby', 'pfeiffer', 'parallel']).default('houlsby'),
  bottleneck: z.int().min(1).max(65_536).default(64),
  activation: z.enum(['gelu', 'relu', 'swish']).default('gelu'),
  scale: z.number().positive().default(1), // He et al. use 4 for the parallel form
  initStd: z.number().min(0).default(1e-2),
  // LayerNorms too; null: as the kind's paper does, so for houlsby
  trainNorms: z.boolean().nullable().default(null),
});
export type Adapter = z.infer<typeof Adapter>;

export const adapterUncarried = ({ trainNorms }: Adapter, { layerNorms, is }: Carrier): Uncarried | null =>
  trainNorms === true && !layerNorms
    ? { path: 'method.trainNorms', message: `true, and ${is}, which has no LayerNorm` }
    : null;
