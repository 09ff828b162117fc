import * as tf from '@tensorflow/tfjs';

/** [N, T, H * d] -> [N, H, T, d]. */
export function splitHeads(x: tf.Tensor3D, heads: number): tf.Tensor4D {
  const [n, t, width] = x.shape;
  return tf.transpose(tf.reshape(x, [n, t, heads, width / heads]), [0, 2, 1, 3]);
}

/** [N, H, T, d] -> [N, T, H * d]. */
export function mergeHeads(x: tf.Tensor4D): tf.Tensor3D {
  const [n, heads, t, d] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [n, t, heads * d]);
}

interface KeyValues {
  keys: tf.Tensor4D;
  values: tf.Tensor4D;
  mask: tf.Tensor2D;
}

/** A layer's keys and values with those of a prefix in front, where there is one. */
export function prefixed(keys: tf.Tensor4D, values: tf.Tensor4D, mask: tf.Tensor2D, prefix: KeyValues | undefined): KeyValues {
  if (!prefix) return { keys, values, mask };
  return {
    keys: tf.concat([prefix.keys, keys], 2),
    values: tf.concat([prefix.values, values], 2),
    mask: tf.concat([prefix.mask, mask], 1),
  };
}
