/** What the low-rank methods share: their maps, their tensors by Hugging Face peft's names, and the update
 *  itself. */
import * as tf from '@tensorflow/tfjs';
import { product } from '#engine/ops/product.js';
import { HostRandom } from '#engine/host-random.js';
import { type Draws, dropout } from '#engine/ops/dropout.js';
import type { Model } from '#models/model.js';
import type { LinearMap } from '#models/modules.js';
import { asRows, byMember } from '../members/members.js';
import type { Parameters } from '../method.js';
import { type Shapes, sizedBy } from '../members/shapes.js';

/** LoRA's knobs, as far as they shape the update. */
export interface LowRank {
  rank: number;
  alpha: number;
  rsLora: boolean;
  dropout: number;
}

/** The update is scaled by alpha / r, or by alpha / sqrt(r) where rank-stabilised. */
export function scaleOf({ alpha, rank, rsLora }: Pick<LowRank, 'alpha' | 'rank' | 'rsLora'>): number {
  return alpha / (rsLora ? Math.sqrt(rank) : rank);
}

/** Throws where a map is narrower than the rank. */
export function checkRank(rank: number, maps: readonly LinearMap[]): void {
  for (const { name, inputs, outputs } of maps) {
    if (rank > Math.min(inputs, outputs))
      throw new Error(`method.rank is ${rank}, and ${name} is a map from ${inputs} to ${outputs}`);
  }
}

/** Ranks beyond a member's own are zero in A and in B, and so are their gradients: they stay zero. */
export function lowRankShapes(rank: number, maps: readonly LinearMap[]): Shapes<'rank'> {
  const r = sizedBy('rank', rank);
  return Object.fromEntries(
    maps.flatMap(({ name, inputs, outputs }): [string, Shapes<'rank'>[string]][] => [
      [`${name}.lora_A.weight`, [r, inputs]],
      [`${name}.lora_B.weight`, [outputs, r]],
    ]),
  );
}

/** A from U[-1/sqrt(in), 1/sqrt(in)] (Kaiming with a = sqrt 5), B zero. */
export function initLowRank(rank: number, maps: readonly LinearMap[], seed: number): Parameters {
  const parameters: Parameters = {};
  for (const { name, inputs, outputs } of maps) {
    const random = new HostRandom(seed, `lora ${name}`);
    const bound = inputs ** -0.5;
    const values = Float32Array.from({ length: rank * inputs }, () => bound * (2 * random.uniform() - 1));
    parameters[`${name}.lora_A.weight`] = tf.tensor2d(values, [rank, inputs]);
    parameters[`${name}.lora_B.weight`] = tf.zeros([outputs, rank]);
  }
  return parameters;
}

interface UpdateContext {
  parameters: Parameters; // [G, ...]
  scale: tf.Tensor1D; // [G]
  members: number;
  dropout?: { rate: number; draws: Draws; sites: ReadonlyMap<string, number> };
}

/** s B A x of the map `name`, [N, T, in] -> [N, T, out]; undefined where it has no update. */
export function lowRankUpdate(c: UpdateContext, name: string, x: tf.Tensor3D): tf.Tensor3D | undefined {
  const a = c.parameters[`${name}.lora_A.weight`];
  if (!a) return undefined;
  const read = c.dropout
    ? (dropout(x, c.dropout.rate, c.dropout.draws, c.dropout.sites.get(name)!) as tf.Tensor3D)
    : x;
  const inner = product<tf.Tensor>(byMember(read, c.members), a, false, true); // [G, B * T, r]
  const scaled = tf.mul(inner, tf.reshape(c.scale, [c.members, 1, 1]));
  return asRows(
    product<tf.Tensor>(scaled, c.parameters[`${name}.lora_B.weight`]!, false, true) as tf.Tensor3D,
    x,
  );
}

/** What lowRankUpdate needs to drop, while training and where there is something to drop. */
export function dropping(
  rate: number,
  draws: Draws | undefined,
  maps: () => readonly LinearMap[],
): Pick<UpdateContext, 'dropout'> {
  if (!draws || rate === 0) return {};
  return { dropout: { rate, draws, sites: new Map(maps().map((m, i) => [m.name, i])) } };
}

/** Whether a linear map's weight is [in, out], as GPT-2's Conv1D keeps it, and not [out, in]. */
export const inputsFirst = (model: Model): boolean => model.family === 'gpt2';

/** The weight of a map with an update [out, in] added; undefined: as it is. */
export function addedTo(model: Model, name: string, update: tf.Tensor): tf.Tensor {
  return tf.add(model.weights[`${name}.weight`]!, inputsFirst(model) ? tf.transpose(update) : update);
}

/** New weights by name, where `merged` makes one map's. */
export function mergedMaps(maps: readonly LinearMap[], merged: (map: LinearMap) => tf.Tensor): Parameters {
  return Object.fromEntries(maps.map((map) => [`${map.name}.weight`, tf.tidy(() => merged(map))]));
}
