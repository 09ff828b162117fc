import { z } from 'zod';
import type { Activation } from '../activation.js';

/** What config.json calls a feed-forward: an activation, gated or not. */
export const FeedForward = z.enum([
  'relu',
  'gelu',
  'gelu_new',
  'silu',
  'gated-gelu',
  'gated-gelu_new',
  'gated-relu',
  'gated-silu',
]);
export type FeedForward = z.infer<typeof FeedForward>;

/** transformers takes "gated-gelu" for the tanh form that T5 v1.1 was trained with, and "gelu" for the exact
 *  one. */
export function activationOf(proj: FeedForward): Activation {
  return proj === 'gated-gelu' ? 'gelu_new' : (proj.replace('gated-', '') as Activation);
}

export const isGated = (proj: FeedForward): boolean => proj.startsWith('gated-');

/** The names of the maps that read the state. */
export const inputMaps = (proj: FeedForward): string[] => (isGated(proj) ? ['wi_0', 'wi_1'] : ['wi']);
