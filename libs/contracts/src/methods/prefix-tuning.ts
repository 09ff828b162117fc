import { z } from 'zod';

/** Keys and values in front of every layer's own, Li & Liang 2021. */
export const PrefixTuning = z.strictObject({
  name: z.literal('prefix-tuning'),
  length: z.int().min(1).max(10_000).default(10), // virtual tokens
  hidden: z.int().min(1).max(65_536).nullable().default(512), // width of the MLP it is trained through; null: none
  places: z
    .array(z.enum(['encoder', 'decoder', 'cross']))
    .min(1)
    .nullable()
    .default(null), // null: every attention of the model
  init: z.enum(['random', 'real-words']).default('random'), // real-words: what the frozen model makes of `words`
  words: z.string().min(1).max(10_000).nullable().default(null), // repeated or cut to the length; null: the label words
  position: z.enum(['prefix', 'infix']).default('prefix'), // infix: between the text and what is written after it
  depth: z.enum(['all', 'embedding-only']).default('all'), // embedding-only: virtual tokens below the first layer
  relativePositions: z.boolean().default(false), // T5, MPNet: whether the prefix stands in front of the text, or nowhere
});
export type PrefixTuning = z.infer<typeof PrefixTuning>;
