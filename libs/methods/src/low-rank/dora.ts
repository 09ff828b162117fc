import * as tf from '@tensorflow/tfjs';
import type { Dora } from '#contracts/methods/dora.js';
import { differentiable } from '#engine/ops/differentiable.js';
import type { Weights } from '#models/batch.js';
import type { Model } from '#models/model.js';
import type { LinearMap } from '#models/modules.js';
import {
  checkRank,
  dropping,
  initLowRank,
  inputsFirst,
  lowRankShapes,
  lowRankUpdate,
  mergedMaps,
  scaleOf,
} from './low-rank.js';
import { scaledByMember } from '../members/members.js';
import type { MethodImplementation, Parameters, Pass } from '../method.js';
import { loraLayout } from '../files/peft/lora.js';
import type { Shapes } from '../members/shapes.js';
import { targetMaps } from '../members/targets.js';

/** Weight-decomposed low-rank adaptation (Liu et al. 2024 §4): W' = m V / ||V||, V = W + s B A, the norm
 *  taken over each output's inputs and m [out] trained from ||W||. The norm counts as a constant in the
 *  gradient (§4.3). Parameters: r (in + out) + out a map. Under dropout Hugging Face peft drops what W reads
 *  within the decomposition too; here only what A reads. */
export const dora: MethodImplementation<Dora> = {
  check: (config, model) => checkRank(config.rank, mapsOf(config, model)),

  shapes: shapesOf,

  init(config, model, _labels, seed) {
    const maps = mapsOf(config, model);
    const magnitudes = maps.map(({ name }) => [
      magnitude(name),
      tf.tidy(() => tf.sqrt(squares(model, model.weights, name))),
    ]);
    return { ...initLowRank(config.rank, maps, seed), ...Object.fromEntries(magnitudes) } as Parameters;
  },

  constants: (configs) => ({ scale: tf.tensor1d(configs.map(scaleOf)) }),

  adapt(pass) {
    const { config, model, parameters, constants, members, frozen } = pass;
    const drop = dropping(config.dropout, pass.draws, () => mapsOf(config, model));
    const context = { parameters, scale: constants['scale'] as tf.Tensor1D, members, ...drop };
    return {
      linear(name, x, y) {
        const update = lowRankUpdate(context, name, x);
        if (!update) return y;
        const bias = frozen[`${name}.bias`];
        const ratio = tf.div(parameters[magnitude(name)]!, norms(pass, name)) as tf.Tensor2D;
        const scaled = scaledByMember(tf.add(bias ? tf.sub(y, bias) : y, update), ratio);
        return bias ? tf.add(scaled, bias) : scaled;
      },
    };
  },

  weights: (frozen) => frozen,

  merge: (config, model, parameters) =>
    mergedMaps(mapsOf(config, model), ({ name }) => {
      const update = tf.matMul(parameters[`${name}.lora_B.weight`]!, parameters[`${name}.lora_A.weight`]!);
      const v = tf.add(outputsFirst(model, model.weights, name), tf.mul(scaleOf(config), update));
      const ratio = tf.div(parameters[magnitude(name)]!, tf.norm(v, 2, 1));
      const merged = tf.mul(v, tf.expandDims(ratio, 1));
      return inputsFirst(model) ? tf.transpose(merged) : merged;
    }),

  peft: loraLayout({ mapsOf, useDora: true, configOf: (knobs) => ({ name: 'dora', ...knobs }) }),
};

export const magnitude = (name: string): string => `${name}.lora_magnitude_vector`;

function mapsOf(config: Pick<Dora, 'targets'>, model: Model): LinearMap[] {
  return targetMaps(model, config.targets, ['query', 'value', 'query-key-value']);
}

function shapesOf(config: Dora, model: Model): Shapes<'rank'> {
  const maps = mapsOf(config, model);
  const magnitudes = maps.map((m) => [magnitude(m.name), [m.outputs]] as const);
  return { ...lowRankShapes(config.rank, maps), ...Object.fromEntries(magnitudes) };
}

const outputsFirst = (model: Model, weights: Weights, name: string): tf.Tensor2D => {
  const w = weights[`${name}.weight`] as tf.Tensor2D;
  return inputsFirst(model) ? tf.transpose(w) : w;
};

/** Squared length of each output's weights, [out]. */
const squares = (model: Model, weights: Weights, name: string): tf.Tensor =>
  tf.sum(tf.square(weights[`${name}.weight`]!), inputsFirst(model) ? 0 : 1);

/** ||W + s B A|| by output, [G, out], without making the sum: ||W||² + 2 s B·(W Aᵀ) + s² B·(B A Aᵀ). */
function norms({ model, frozen, parameters, constants, members }: Pass<Dora>, name: string): tf.Tensor {
  const a = parameters[`${name}.lora_A.weight`] as tf.Tensor3D;
  const b = parameters[`${name}.lora_B.weight`] as tf.Tensor3D;
  const scale = tf.reshape(constants['scale']!, [members, 1]);
  const w = outputsFirst(model, frozen, name);
  return detached({ a, b }, ({ a, b }) => {
    const [g, r, inputs] = a!.shape as [number, number, number];
    const wa = tf.matMul(w, tf.reshape(a!, [g * r, inputs]), false, true); // [out, G r]
    const each = tf.transpose(tf.reshape(wa, [w.shape[0], g, r]), [1, 0, 2]);
    const cross = tf.sum(tf.mul(b!, each), 2);
    const own = tf.sum(tf.mul(b!, tf.matMul(b!, tf.matMul(a!, a!, false, true))), 2);
    const squared = tf.addN([tf.mul(tf.mul(2, scale), cross), tf.mul(tf.square(scale), own)]);
    return tf.sqrt(tf.add(squares(model, frozen, name), squared));
  });
}

/** A value that gradients do not go through. */
function detached(inputs: Parameters, value: (inputs: Parameters) => tf.Tensor): tf.Tensor {
  return differentiable(
    inputs,
    (save) => {
      save(Object.values(inputs));
      return value(inputs);
    },
    (_dy, saved) =>
      Object.fromEntries(Object.keys(inputs).map((name, i) => [name, () => tf.zerosLike(saved[i]!)])),
  );
}
