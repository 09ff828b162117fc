import * as tf from '@tensorflow/tfjs';
import type { AdaLora } from '#contracts/methods/adalora.js';
import { HostRandom } from '#engine/host-random.js';
import type { Model } from '#models/model.js';
import type { LinearMap } from '#models/modules.js';
import { allocated, importance, orthogonality } from './adalora-allocation.js';
import { addedTo, checkRank, lowRankShapes, lowRankUpdate, mergedMaps } from './low-rank.js';
import type { MethodImplementation, Parameters } from '../method.js';
import { adaLoraLayout } from '../files/peft/adalora.js';
import { type Shapes, sizedBy, sizesOf } from '../members/shapes.js';
import { ownPlaces } from '../members/stacking.js';
import { targetMaps } from '../members/targets.js';

/** AdaLoRA (Zhang et al. 2023 §3): W + P diag(lambda) Q with lambda zero at first, P and Q from N(0, 0.02²);
 *  lambdas of all maps compete for a budget that shrinks by a cubic schedule, the least important being set
 *  to zero (adalora-allocation.ts). Parameters: r (in + out + 1) a map. The names are Hugging Face peft's: Q
 *  is lora_A, P lora_B, lambda lora_E. peft and the authors' code scale by alpha / r. */
export const adaLora: MethodImplementation<AdaLora> = {
  check(config, model) {
    checkRank(config.rank, mapsOf(config, model));
    if (config.targetRank > config.rank)
      throw new Error(
        `method.targetRank is ${config.targetRank}, and method.rank, from which it shrinks, is ${config.rank}`,
      );
  },

  shapes: shapesOf,

  init: (config, model, _labels, seed) =>
    Object.fromEntries(
      Object.entries(shapesOf(config, model)).map(([name, axes]) => {
        const shape = sizesOf(axes);
        if (name.endsWith('.lora_E')) return [name, tf.zeros(shape)];
        const random = new HostRandom(seed, `adalora ${name}`);
        const size = shape[0]! * shape[1]!;
        return [
          name,
          tf.tensor(
            Float32Array.from({ length: size }, () => 0.02 * random.normal()),
            shape,
          ),
        ];
      }),
    ),

  constants(configs, sizes) {
    const ranks = configs.map((c) => c.rank);
    return {
      scale: tf.tensor1d(configs.map(scaleOf)),
      ranks: tf.tensor1d(ranks),
      targetRanks: tf.tensor1d(configs.map((c) => c.targetRank)),
      ownRanks: ownPlaces(ranks, sizes.rank), // [G, r]
    };
  },

  adapt({ parameters, constants, members }) {
    const sized = scaledBySizes(parameters);
    const context = { parameters: sized, scale: constants['scale'] as tf.Tensor1D, members };
    return {
      linear(name, x, y) {
        const update = lowRankUpdate(context, name, x);
        return update ? tf.add(y, update) : y;
      },
    };
  },

  weights: (frozen) => frozen,

  penalty: ({ config, parameters, constants }) =>
    tf.mul(
      config.orthogonality,
      orthogonality(parameters, constants['ownRanks'] as tf.Tensor2D),
    ) as tf.Tensor1D,

  extraState: (parameters) =>
    Object.fromEntries(
      Object.entries(parameters).flatMap(([name, t]) => [
        [`${name}.importance`, tf.zerosLike(t)],
        [`${name}.uncertainty`, tf.zerosLike(t)],
      ]),
    ),

  afterStep(pass, after) {
    const state = importance(pass, after);
    return { parameters: allocated(pass, state, after), state };
  },

  merge: (config, model, parameters) =>
    mergedMaps(mapsOf(config, model), ({ name }) => {
      const q = tf.mul(parameters[`${name}.lora_A.weight`]!, parameters[`${name}.lora_E`]!);
      return addedTo(
        model,
        name,
        tf.mul(scaleOf(config), tf.matMul(parameters[`${name}.lora_B.weight`]!, q)),
      );
    }),

  peft: adaLoraLayout(mapsOf),
};

const scaleOf = ({ alpha, rank }: AdaLora): number => (alpha === null ? 1 : alpha / rank);

/** Q's rows times their lambdas: what is left is LoRA's form. */
function scaledBySizes(parameters: Parameters): Parameters {
  const sized = (name: string, t: tf.Tensor) =>
    name.endsWith('.lora_A.weight') ? tf.mul(t, parameters[name.replace('.lora_A.weight', '.lora_E')]!) : t;
  return Object.fromEntries(Object.entries(parameters).map(([name, t]) => [name, sized(name, t)]));
}

function mapsOf(config: Pick<AdaLora, 'targets'>, model: Model): LinearMap[] {
  return config.targets ? targetMaps(model, config.targets, []) : model.modules.linears;
}

function shapesOf(config: AdaLora, model: Model): Shapes<'rank'> {
  const maps = mapsOf(config, model);
  const lambdas = maps.map((m) => [`${m.name}.lora_E`, [sizedBy('rank', config.rank), 1]] as const);
  return { ...lowRankShapes(config.rank, maps), ...Object.fromEntries(lambdas) };
}
