import * as tf from '@tensorflow/tfjs';

/** Rows of a batch are member-major; these go between the rows [G * B, T, D] a model sees and one matrix a
 *  member. */

/** [G * B, T, D] -> [G, B * T, D]. */
export function byMember(x: tf.Tensor3D, members: number): tf.Tensor3D {
  const [rows, length, width] = x.shape;
  return tf.reshape(x, [members, (rows / members) * length, width]);
}

/** [G, B * T, D] -> [G * B, T, D], with the rows and length of `like`. */
export function asRows(x: tf.Tensor3D, like: tf.Tensor3D): tf.Tensor3D {
  const [rows, length] = like.shape;
  return tf.reshape(x, [rows, length, x.shape[2]]);
}

/** Every row of x [G * B, T, D] times its member's vector [G, D]. */
export function scaledByMember(x: tf.Tensor3D, vectors: tf.Tensor2D): tf.Tensor3D {
  return asRows(tf.mul(byMember(x, vectors.shape[0]), tf.expandDims(vectors, 1)), x);
}

/** Every row of x [G * B, T, D] plus its member's vector [G, D]. */
export function shiftedByMember(x: tf.Tensor3D, vectors: tf.Tensor2D): tf.Tensor3D {
  return asRows(tf.add(byMember(x, vectors.shape[0]), tf.expandDims(vectors, 1)), x);
}

/** Each member's tensor [G, ...] once for each of its rows: [G * B, ...]. */
export function repeatedForRows<T extends tf.Tensor>(x: tf.Tensor, rows: number): T {
  const [members, ...rest] = x.shape as [number, ...number[]];
  const flat = tf.reshape(x, [members, 1, -1]); // tfjs has no gradient of tile beyond rank 4
  const each = tf.tile(flat, [1, rows / members, 1]);
  return tf.reshape(each, [rows, ...rest]) as T;
}
