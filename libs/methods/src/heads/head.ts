import * as tf from '@tensorflow/tfjs';
import type { HeadOnly } from '#contracts/methods/head.js';
import type { MethodImplementation } from '../method.js';

/** Nothing but the head, which stands on a frozen backbone. Parameters: the head's. */
export const headOnly: MethodImplementation<HeadOnly> = {
  headAlone: true,

  check() {},

  shapes: () => ({}),

  init: () => ({}),

  adapt: () => ({}),

  // What a head never asks (an encoder-decoder's decoder, a language-model head) need not stay in memory.
  freeze(_config, model) {
    const { weights, encoderWeights } = model;
    model.setAside(Object.keys(weights).filter((name) => !Object.hasOwn(encoderWeights, name)));
    return Object.fromEntries(Object.entries(encoderWeights).map(([name, w]) => [name, tf.clone(w)]));
  },

  weights: (frozen) => frozen,
};
