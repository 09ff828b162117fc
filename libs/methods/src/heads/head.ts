import * as tf from '@tensorflow/tfjs';
import type { HeadOnly } from '#contracts/methods/head.js';
import { classifierShapes, classify } from './classifier.js';
import type { MethodImplementation } from '../method.js';
import { countOf, stackPadded, unstackEqual } from '../members/stacking.js';

/** A linear classifier on the pooled final states of a frozen backbone, from zero. Parameters: dModel x classes + classes. */
export const headOnly: MethodImplementation<HeadOnly> = {
  headAlone: true,

  check() {},

  init: (_config, model, labels) =>
    Object.fromEntries(Object.entries(classifierShapes(model, labels)).map(([name, shape]) => [name, tf.zeros(shape)])),

  stack: (_configs, members) => ({ parameters: stackPadded(members), constants: {} }),

  unstack: (_config, parameters, member) => unstackEqual(parameters, member),

  adapt: ({ parameters }) => ({ head: classify(parameters) }),

  // What a head never asks (an encoder-decoder's decoder, a language-model head) need not stay in memory.
  freeze(_config, model) {
    const { weights, encoderWeights } = model;
    model.setAside(Object.keys(weights).filter((name) => !Object.hasOwn(encoderWeights, name)));
    return Object.fromEntries(Object.entries(encoderWeights).map(([name, w]) => [name, tf.clone(w)]));
  },

  weights: (frozen) => frozen,

  count: (_config, model, labels) => countOf(classifierShapes(model, labels)),
};
