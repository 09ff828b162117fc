import * as tf from '@tensorflow/tfjs';
import type { Ia3 } from '#contracts/methods/ia3.js';
import type { Model } from '#models/model.js';
import type { LinearMap } from '#models/modules.js';
import { scaledByMember } from '../members/members.js';
import { inputsFirst } from '../low-rank/low-rank.js';
import type { MethodImplementation, Parameters } from '../method.js';
import { ia3Layout } from '../files/peft/ia3.js';
import { targetMaps } from '../members/targets.js';

/** (IA)^3 (Liu et al. 2022 §3.3): keys, values and the feed-forward's activations times learned vectors that
 *  begin as ones. Parameters: d_k + d_v + d_ff an encoder layer, d_k + d_v more for cross attention. A map
 *  that reads the feed-forward's activations has its input scaled, any other its output, as Hugging Face peft
 *  does. */
export const ia3: MethodImplementation<Ia3> = {
  check(config, model) {
    mapsOf(config, model);
  },

  shapes: shapesOf,

  init: (config, model) =>
    Object.fromEntries(
      Object.entries(shapesOf(config, model)).map(([name, shape]) => [name, tf.ones(shape)]),
    ),

  adapt({ config, model, parameters }) {
    const reading = new Set(mapsOf(config, model).filter(scalesInput).map((m) => m.name)); // prettier-ignore
    const vector = (name: string) => parameters[`${name}.ia3_l`] as tf.Tensor2D | undefined;
    return {
      input: (name, x) => (reading.has(name) ? scaledByMember(x, vector(name)!) : x),
      linear: (name, _x, y) => (vector(name) && !reading.has(name) ? scaledByMember(y, vector(name)!) : y),
    };
  },

  weights: (frozen) => frozen,

  merge: (config, model, parameters) =>
    Object.assign(
      {},
      ...mapsOf(config, model).map((m) => scaledMap(model, m, parameters[`${m.name}.ia3_l`]!)),
    ) as Parameters,

  peft: ia3Layout({ mapsOf, scalesInput: (map) => scalesInput(map) }),
};

/** A map's weight, and its bias where the output is scaled, times the vector. */
function scaledMap(model: Model, map: LinearMap, vector: tf.Tensor): Parameters {
  const [weight, bias] = [`${map.name}.weight`, `${map.name}.bias`];
  const byColumn = scalesInput(map) !== inputsFirst(model);
  const scaled = tf.tidy(() => tf.mul(model.weights[weight]!, byColumn ? vector : tf.expandDims(vector, 1)));
  if (scalesInput(map) || !model.weights[bias]) return { [weight]: scaled };
  return { [weight]: scaled, [bias]: tf.mul(model.weights[bias], vector) };
}

const scalesInput = ({ role }: LinearMap) => role === 'feed-forward-output';

function mapsOf({ targets }: Ia3, model: Model): LinearMap[] {
  return targetMaps(model, targets, ['key', 'value', 'query-key-value', 'feed-forward-output']);
}

function shapesOf(config: Ia3, model: Model): Record<string, number[]> {
  return Object.fromEntries(
    mapsOf(config, model).map((m) => [`${m.name}.ia3_l`, [scalesInput(m) ? m.inputs : m.outputs]]),
  );
}
