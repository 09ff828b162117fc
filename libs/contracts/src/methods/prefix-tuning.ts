import { z } from 'zod';
import type { Carrier, Uncarried } from '../family.js';

/** Keys and values in front of every layer's own, Li & Liang 2021. */
export const PrefixTuning = z.strictObject({
  name: z.literal('prefix-tuning'),
  length: z.int().min(1).max(10_000).default(10), // virtual tokens
  // width of the MLP it is trained through; null: none
  hidden: z.int().min(1).max(65_536).nullable().default(512),
  places: z
    .array(z.enum(['encoder', 'decoder', 'cross']))
    .min(1)
    .nullable()
    .default(null), // null: every attention of the model
  // real-words: what the frozen model makes of `words`
  init: z.enum(['random', 'real-words']).default('random'),
  // repeated or cut to the length; null: the label words
  words: z.string().min(1).max(10_000).nullable().default(null),
  // infix: between the text and what is written after it
  position: z.enum(['prefix', 'infix']).default('prefix'),
  // embedding-only: virtual tokens below the first layer
  depth: z.enum(['all', 'embedding-only']).default('all'),
  // T5, MPNet: whether the prefix stands in front of the text, or nowhere
  relativePositions: z.boolean().default(false),
  dropout: z.number().min(0).max(0.99).default(0), // of the prefix's keys and values, while training
});
export type PrefixTuning = z.infer<typeof PrefixTuning>;

export function prefixTuningUncarried(
  method: PrefixTuning,
  { kind, attentions, relativePositions, is }: Carrier,
) {
  const issue = (knob: string, message: string): Uncarried => ({ path: `method.${knob}`, message });
  const lost = method.places?.find((place) => !attentions.includes(place));
  if (lost) return issue('places', `"${lost}", and ${is}; expected ${attentions.join(', ')}`);
  if (method.position === 'infix' && kind === 'encoder')
    return issue(
      'position',
      `"infix" is between a text and what is written after it, and ${is}, which writes nothing`,
    );
  if (method.position === 'infix' && method.places?.includes('encoder'))
    return issue('places', '"encoder", where the text would see what method.position "infix" puts behind it');
  if (method.depth === 'embedding-only' && method.places?.includes('cross'))
    return issue('places', '"cross", which has no embeddings of its own for method.depth "embedding-only"');
  if (method.relativePositions && !relativePositions)
    return issue('relativePositions', `true, and ${is}, which has none; only T5 and MPNet have`);
  if (method.relativePositions && method.depth === 'embedding-only')
    return issue(
      'relativePositions',
      'true, and the tokens of method.depth "embedding-only" always have positions',
    );
  if (method.dropout > 0 && (method.position === 'infix' || method.depth === 'embedding-only'))
    return issue(
      'dropout',
      `${method.dropout}, and keys and values are dropped of a prefix in all layers; expected 0`,
    );
  if (method.words !== null && method.init === 'random')
    return issue('words', 'is given, and method.init is "random", which reads none; expected "real-words"');
  return null;
}
