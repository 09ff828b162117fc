import * as tf from '@tensorflow/tfjs';
import type { FullTuning } from '#contracts/methods/full.js';
import type { MethodImplementation, Parameters } from '../method.js';

/** Every weight of the backbone is trained: "model tuning" in Lester et al. 2021. It changes what other
 *  trials would share, so it always trains alone. */
export const fullTuning: MethodImplementation<FullTuning> = {
  check() {},

  shapes: (_config, model) => model.shapes,

  init: (_config, model) =>
    Object.fromEntries(Object.keys(model.weights).map((name) => [name, model.original(name)])),

  // The trained weights stand in for all of the backbone's, which need not stay in memory beside them.
  freeze(_config, model) {
    model.setAside(Object.keys(model.weights));
    return {};
  },

  adapt: () => ({}),

  weights: (frozen, parameters) => ({ ...frozen, ...mapped(parameters, (w) => tf.squeeze(w, [0])) }),

  merge: (_config, _model, parameters) => mapped(parameters, (w) => tf.clone(w)),
};

function mapped(tensors: Readonly<Parameters>, f: (t: tf.Tensor) => tf.Tensor): Parameters {
  return Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, f(t)]));
}
