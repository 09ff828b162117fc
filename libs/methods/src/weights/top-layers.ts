import * as tf from '@tensorflow/tfjs';
import type { TopLayers } from '#contracts/methods/top-layers.js';
import type { Model } from '#models/model.js';
import { firstStack, lastStack, layersOf } from '../members/frozen-part.js';
import type { MethodImplementation, Parameters } from '../method.js';

/** The weights of the last layers of the last stack (FT-top2 of Li & Liang 2021 §5.2 with `layers` 2); the
 *  rest, embeddings and final norms among it, is frozen. Parameters: theirs. */
export const topLayers: MethodImplementation<TopLayers> = {
  check(config, model) {
    trainedNames(config, model);
  },

  shapes: (config, model) =>
    Object.fromEntries(trainedNames(config, model).map((name) => [name, model.shapes[name]!])),

  init: (config, model) =>
    Object.fromEntries(trainedNames(config, model).map((name) => [name, model.original(name)])),

  adapt: () => ({}),

  weights: (frozen, parameters) => ({ ...frozen, ...mapped(parameters, (w) => tf.squeeze(w, [0])) }),

  frozenBelow({ layers }, model) {
    const [first, last] = [firstStack(model), lastStack(model)];
    return { layer: first === last ? layersOf(last, model) - layers : layersOf(first, model), shift: 0 };
  },

  merge: (_config, _model, parameters) => mapped(parameters, (w) => tf.clone(w)),
};

/** Throws where the stack has no such number of layers. */
function trainedNames({ layers }: TopLayers, model: Model): string[] {
  const stack = lastStack(model);
  const count = layersOf(stack, model);
  if (layers > count) throw new Error(`method.layers is ${layers}, and the model's ${stack} has ${count}`);
  const top = model.modules.linears.filter((m) => m.stack === stack && m.layer >= count - layers);
  const heads = new Set(top.map((m) => /^.*?\.\d+\./.exec(m.name)![0])); // "decoder.block.1."
  return Object.keys(model.weights).filter((name) => [...heads].some((head) => name.startsWith(head)));
}

function mapped(tensors: Readonly<Parameters>, f: (t: tf.Tensor) => tf.Tensor): Parameters {
  return Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, f(t)]));
}
