import { z } from 'zod';
import type { Carrier, Uncarried } from '../family.js';
import { targets } from './targets.js';

/** Biases only, Ben Zaken et al. 2022. */
export const BitFit = z.strictObject({
  name: z.literal('bitfit'),
  // modules whose biases are trained, by the ends of their names; null: all. The paper's pair: ["query",
  // "intermediate.dense"]
  terms: targets,
});
export type BitFit = z.infer<typeof BitFit>;

export const bitFitUncarried = (_method: BitFit, { biases, is }: Carrier): Uncarried | null =>
  biases ? null : { path: 'method.name', message: `bitfit trains biases, and ${is}, which has none` };
