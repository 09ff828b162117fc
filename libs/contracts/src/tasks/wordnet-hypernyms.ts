import { z } from 'zod';
import { split } from './split.js';

/** WordNet's nouns as probes: "a robin is a kind of {mask}", split by synset. */
export const WordnetHypernyms = z.strictObject({
  name: z.literal('wordnet-hypernyms'),
  /** The probe, with one {word} and one {mask}. */
  template: z
    .string()
    .refine((text) => text.split('{word}').length === 2 && text.split('{mask}').length === 2, {
      error: 'expected one {word} and one {mask}',
    })
    .default('{word} is a kind of {mask}.'),
  /** Hypernyms that are right for so many nouns at least. */
  atLeast: z.int().min(1).default(20),
  ...split,
});
export type WordnetHypernyms = z.infer<typeof WordnetHypernyms>;
