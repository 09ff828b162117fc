import * as tf from '@tensorflow/tfjs';
import { layerNorm } from '#engine/ops/layer-norm.js';
import { linear } from '#engine/ops/linear.js';
import type { Adaptation } from './adaptation.js';
import type { Weights } from './batch.js';

/** The tensor of that name; throws where the weights given lack it. */
export function weightOf<T extends tf.Tensor>(weights: Weights, name: string): T {
  const weight = weights[name];
  if (!weight) throw new Error(`the weights have no tensor ${name}`);
  return weight as T;
}

/** y = x W^T + b of the module `name` (W [out, in], or [in, out] where it is GPT-2's Conv1D; b where there is
 *  one), past the input and linear hooks. x [N, T, in] -> [N, T, out]. */
export function linearMap(
  weights: Weights,
  name: string,
  x: tf.Tensor3D,
  adaptation?: Adaptation,
  { transposed = true }: { transposed?: boolean } = {},
): tf.Tensor3D {
  const bias = weights[`${name}.bias`] ?? null;
  const read = adaptation?.input?.(name, x) ?? x;
  const y = linear(read, weightOf(weights, `${name}.weight`), bias, { transposed }) as tf.Tensor3D;
  return adaptation?.linear?.(name, read, y) ?? y;
}

/** LayerNorm of the module `name`, past the norm hook. */
export function normMap(
  weights: Weights,
  name: string,
  x: tf.Tensor3D,
  epsilon: number,
  adaptation?: Adaptation,
): tf.Tensor3D {
  const [gain, bias] = [weightOf(weights, `${name}.weight`), weightOf(weights, `${name}.bias`)];
  const y = layerNorm(x, gain, bias, epsilon) as tf.Tensor3D;
  return adaptation?.norm?.(name, y) ?? y;
}

/** Logits x E^T of a head that is tied to the embedding `tied`, or has a weight of its own, past the linear
 *  hook of `name`. */
export function headLogits(
  weights: Weights,
  { name, tied }: { name: string; tied: string },
  x: tf.Tensor3D,
  adaptation?: Adaptation,
): tf.Tensor3D {
  const matrix = weights[`${name}.weight`] ?? weightOf(weights, tied);
  const y = linear(x, matrix, null, { transposed: true }) as tf.Tensor3D;
  return adaptation?.linear?.(name, x, y) ?? y;
}
