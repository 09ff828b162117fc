import { z } from 'zod';

/** Prefix and parallel adapter together, He et al. 2022 (MAM adapter). */
export const Mam = z.strictObject({
  name: z.literal('mam'),
  length: z.int().min(1).max(10_000).default(30), // virtual tokens of the prefix
  // width of the MLP it is trained through; null: none
  hidden: z.int().min(1).max(65_536).nullable().default(512),
  bottleneck: z.int().min(1).max(65_536).default(512),
  scale: z.number().positive().default(4),
  initStd: z.number().min(0).default(1e-2),
});
export type Mam = z.infer<typeof Mam>;
