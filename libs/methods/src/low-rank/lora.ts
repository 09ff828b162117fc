import * as tf from '@tensorflow/tfjs';
import type { Lora } from '#contracts/methods/lora.js';
import type { Model } from '#models/model.js';
import type { LinearMap } from '#models/modules.js';
import {
  addedTo,
  checkRank,
  dropping,
  initLowRank,
  lowRankShapes,
  lowRankUpdate,
  mergedMaps,
  scaleOf,
} from './low-rank.js';
import type { MethodImplementation } from '../method.js';
import { loraLayout } from '../files/peft/lora.js';
import { targetMaps } from '../members/targets.js';

/** Low-rank adaptation (Hu et al. 2022 §4.1): y = W x + s B A x on chosen linear maps, A [r, in] drawn at
 *  random, B [out, r] zero, s = alpha / r, or alpha / sqrt(r) where rank-stabilised (Kalajdzievski 2023).
 *  Parameters: r (in + out) a map. The paper draws A from a Gaussian; the authors' code and Hugging Face
 *  peft, followed here, from U[-1/sqrt(in), 1/sqrt(in)] (Kaiming with a = sqrt 5). */
export const lora: MethodImplementation<Lora> = {
  check: (config, model) => checkRank(config.rank, mapsOf(config, model)),

  shapes: (config, model) => lowRankShapes(config.rank, mapsOf(config, model)),

  init: (config, model, _labels, seed) => initLowRank(config.rank, mapsOf(config, model), seed),

  constants: (configs) => ({ scale: tf.tensor1d(configs.map(scaleOf)) }),

  adapt({ config, model, parameters, constants, members, draws }) {
    const drop = dropping(config.dropout, draws, () => mapsOf(config, model));
    const context = { parameters, scale: constants['scale'] as tf.Tensor1D, members, ...drop };
    return {
      linear(name, x, y) {
        const update = lowRankUpdate(context, name, x);
        return update ? tf.add(y, update) : y;
      },
    };
  },

  weights: (frozen) => frozen,

  merge: (config, model, parameters) =>
    mergedMaps(mapsOf(config, model), ({ name }) => {
      const [a, b] = [parameters[`${name}.lora_A.weight`]!, parameters[`${name}.lora_B.weight`]!];
      return addedTo(model, name, tf.mul(scaleOf(config), tf.matMul(b, a)));
    }),

  peft: loraLayout({ mapsOf, useDora: false, configOf: (knobs) => ({ name: 'lora', ...knobs }) }),
};

function mapsOf(config: Pick<Lora, 'targets'>, model: Model): LinearMap[] {
  return targetMaps(model, config.targets, ['query', 'value', 'query-key-value']);
}
