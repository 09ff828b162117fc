import * as tf from '@tensorflow/tfjs';
import type { Adaptation, Hidden } from '../adaptation.js';
import { generate } from '../generate/generate.js';
import { repeatedMemory } from '../generate/repeat.js';
import type { Memory } from '../heads.js';
import type { GenerateOptions, Weights } from '../model.js';
import type { Past } from '../past.js';
import type { Context } from './layers.js';
import { crossMemories, t5DecodeFrom, t5Logits } from './t5.js';
import type { T5Config } from './t5-config.js';

/** Ids of each row's text, without start and end. Every step computes the new position only, from cached keys and values; b beams of
 *  a row are b rows of the batch. Disposes of nothing it is given. */
export function t5Generate(
  config: T5Config,
  weights: Weights,
  encoded: Hidden,
  options: GenerateOptions,
  adaptation?: Adaptation,
): number[][] {
  const c = { config, weights, adaptation };
  const rows = encoded.states.shape[0] * options.beams;
  const cross = tf.tidy(() => textMemories(c, encoded, options.beams) as never) as Memory[];
  const starts = Array.from({ length: rows }, () => [config.decoder_start_token_id]);
  const next = (ids: tf.Tensor2D, past?: Past) => {
    const { states, past: longer } = t5DecodeFrom(c, cross, ids, past);
    return { past: longer, logits: tf.reshape(t5Logits(c, states), [rows, -1]) as tf.Tensor2D };
  };
  const decoder = { rows, next, start: () => next(tf.tensor2d(starts, [rows, 1], 'int32')) };
  try {
    return generate(decoder, options, { endIds: [config.eos_token_id], prompts: starts });
  } finally {
    tf.dispose(cross as never);
  }
}

/** For every decoder layer, each row `beams` times. */
function textMemories(c: Context, encoded: Hidden, beams: number): Memory[] {
  const own = { states: encoded.states, mask: tf.clone(encoded.mask) }; // disposed of with the rest
  return crossMemories(c, own).map((memory) => repeatedMemory(memory, beams));
}
