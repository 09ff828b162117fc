import * as tf from '@tensorflow/tfjs';

/** values [G] shaped [G, 1, ...] so that they broadcast over a parameter of that rank. */
export function perMember(values: tf.Tensor, rank: number): tf.Tensor {
  return tf.reshape(values, [values.shape[0]!, ...new Array<number>(rank - 1).fill(1)]);
}

/** Every axis but the first. */
export function ownAxes(x: tf.Tensor): number[] {
  return Array.from({ length: x.rank - 1 }, (_, i) => i + 1);
}
