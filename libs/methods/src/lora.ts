import * as tf from '@tensorflow/tfjs';
import type { Lora } from '#contracts/method.js';
import { HostRandom } from '#engine/host-random.js';
import type { Model } from '#models/model.js';
import type { LinearMap } from '#models/modules.js';
import { asRows, byMember } from './members.js';
import type { MethodImplementation, Parameters } from './method.js';
import { countOf, ownShapes, type Shapes, stackPadded, unstackTo } from './stacking.js';
import { targetMaps } from './targets.js';

/** Low-rank adaptation (Hu et al. 2022 §4.1): y = W x + s B A x on chosen linear maps, A [r, in] drawn at random, B [out, r] zero,
 *  s = alpha / r, or alpha / sqrt(r) where rank-stabilised (Kalajdzievski 2023). Parameters: r (in + out) a map. The paper draws A from
 *  a Gaussian; the authors' code and Hugging Face peft, followed here, from U[-1/sqrt(in), 1/sqrt(in)] (Kaiming with a = sqrt 5). */
export const lora: MethodImplementation<Lora> = {
  gangs: true,

  check(config, model) {
    for (const { name, inputs, outputs } of mapsOf(config, model)) {
      if (config.rank > Math.min(inputs, outputs))
        throw new Error(`method.rank is ${config.rank}, and ${name} is a map from ${inputs} to ${outputs}`);
    }
  },

  init(config, model, _labels, seed) {
    const parameters: Parameters = {};
    for (const { name, inputs, outputs } of mapsOf(config, model)) {
      const random = new HostRandom(seed, `lora ${name}`);
      const bound = inputs ** -0.5;
      const values = Float32Array.from({ length: config.rank * inputs }, () => bound * (2 * random.uniform() - 1));
      parameters[`${name}.lora_A.weight`] = tf.tensor2d(values, [config.rank, inputs]);
      parameters[`${name}.lora_B.weight`] = tf.zeros([outputs, config.rank]);
    }
    return parameters;
  },

  // Ranks beyond a member's own are zero in A and in B, and so are their gradients: they stay zero.
  stack: (configs, members) => ({
    parameters: stackPadded(members),
    constants: { scale: tf.tensor1d(configs.map(scaleOf)) },
  }),

  unstack: (config, parameters, member) => unstackTo(rankShapes(parameters, config.rank), parameters, member),

  adapt: ({ parameters, constants, members }) => ({
    linear(name, x, y) {
      const a = parameters[`${name}.lora_A.weight`] as tf.Tensor3D | undefined;
      if (!a) return y;
      const b = parameters[`${name}.lora_B.weight`] as tf.Tensor3D;
      const inner = tf.matMul(byMember(x, members), a, false, true); // [G, B * T, r]
      const scaled = tf.mul(inner, tf.reshape(constants['scale']!, [members, 1, 1]));
      return tf.add(y, asRows(tf.matMul(scaled, b, false, true) as tf.Tensor3D, y));
    },
  }),

  weights: (frozen) => frozen,

  count: (config, model) => countOf(shapesOf(config, model)),
};

export function scaleOf({ alpha, rank, rsLora }: Pick<Lora, 'alpha' | 'rank' | 'rsLora'>): number {
  return alpha / (rsLora ? Math.sqrt(rank) : rank);
}

function mapsOf(config: Lora, model: Model): LinearMap[] {
  return targetMaps(model, config.targets, ['query', 'value', 'query-key-value']);
}

function shapesOf(config: Lora, model: Model): Shapes {
  return Object.fromEntries(
    mapsOf(config, model).flatMap(({ name, inputs, outputs }) => [
      [`${name}.lora_A.weight`, [config.rank, inputs]],
      [`${name}.lora_B.weight`, [outputs, config.rank]],
    ]),
  );
}

/** A member's shapes, from the stacked tensors: only the rank is its own. */
export function rankShapes(parameters: Parameters, rank: number): Shapes {
  return ownShapes(parameters, (name, [rows, columns]) => {
    if (name.endsWith('lora_A.weight')) return [rank, columns!];
    return name.endsWith('lora_B.weight') ? [rows!, rank] : [rows!, columns!];
  });
}
