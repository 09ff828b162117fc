import * as tf from '@tensorflow/tfjs';
import { frequenciesOf, type Rotary } from './rope.js';

/** Cosines and sines [N, 1, T, d] of rotary positions (Su et al. 2021); the halves of d turn together, as in
 *  Hugging Face's layout. */
export interface Rotation {
  cos: tf.Tensor4D;
  sin: tf.Tensor4D;
}

export function rotation(positions: tf.Tensor2D, rotary: Rotary): Rotation {
  const [n, length] = positions.shape;
  const { frequencies, amplitude } = frequenciesOf(rotary);
  const places = tf.reshape(tf.cast(positions, 'float32'), [n, 1, length, 1]);
  const angles = tf.mul(places, tf.tensor1d(frequencies)) as tf.Tensor4D;
  const [cos, sin] = [tf.cos(angles), tf.sin(angles)];
  return amplitude === 1 ? { cos, sin } : { cos: tf.mul(cos, amplitude), sin: tf.mul(sin, amplitude) };
}

/** x [N, H, T, d] turned to its positions. */
export function rotated(x: tf.Tensor4D, { cos, sin }: Rotation): tf.Tensor4D {
  const half = x.shape[3] / 2;
  const first = tf.slice(x, [0, 0, 0, 0], [-1, -1, -1, half]);
  const second = tf.slice(x, [0, 0, 0, half], [-1, -1, -1, half]);
  return tf.add(tf.mul(x, cos), tf.mul(tf.concat([tf.neg(second), first], 3), sin)) as tf.Tensor4D;
}
