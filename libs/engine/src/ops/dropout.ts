import * as tf from '@tensorflow/tfjs';
import { randomUniform } from './random.js';

/** Drops values with probability `rate` and scales the rest by 1 / (1 - rate) (Srivastava et al. 2014). x [G * N, ...] is member-major,
 *  seeds int32 [G, 2]: what a member loses depends on its own seed alone, not on who trains beside it. `site` tells the dropouts of one
 *  step apart. */
export function dropout(x: tf.Tensor, rate: number, seeds: tf.Tensor2D, site: number): tf.Tensor {
  if (rate === 0) return x;
  const own = [x.shape[0]! / seeds.shape[0], ...x.shape.slice(1)];
  const draws = tf.unstack(seeds).map((seed) => randomUniform(own, seed as tf.Tensor1D, site));
  const kept = tf.cast(tf.greaterEqual(tf.concat(draws), rate), 'float32');
  return tf.mul(x, tf.mul(kept, 1 / (1 - rate)));
}
