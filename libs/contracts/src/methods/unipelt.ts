import { z } from 'zod';
import type { Carrier, Uncarried } from '../family.js';

/** Gated prefix, adapter and LoRA together, Mao et al. 2022. */
export const UniPelt = z.strictObject({
  name: z.literal('unipelt'),
  parts: z
    .array(z.enum(['prefix', 'adapter', 'lora']))
    .min(1)
    .default(['prefix', 'adapter', 'lora']),
  gates: z.boolean().default(true),
  length: z.int().min(1).max(10_000).default(10), // virtual tokens of the prefix
  // width of the MLP it is trained through; null: none
  hidden: z.int().min(1).max(65_536).nullable().default(512),
  bottleneck: z.int().min(1).max(65_536).default(48),
  rank: z.int().min(1).max(1024).default(8),
  alpha: z.number().positive().default(16),
});
export type UniPelt = z.infer<typeof UniPelt>;

export function uniPeltUncarried({ gates }: UniPelt, { kind, is }: Carrier): Uncarried | null {
  if (!gates || kind === 'encoder') return null;
  const message = `gates average over the whole text, which a decoder must not see, and ${is}; expected false`;
  return { path: 'method.gates', message };
}
