import * as tf from '@tensorflow/tfjs';
import { differentiable } from './differentiable.js';
import { narrowed } from './kept-narrow.js';

/** (x - mean) / sqrt(variance + epsilon) * gain + bias over the last axis; x [..., D], gain and bias [D] (Ba
 *  et al. 2016). */
export function layerNorm(x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor, epsilon: number): tf.Tensor {
  return tf.add(tf.mul(standardized(x, epsilon), gain), bias);
}

/** x / sqrt(mean(x^2) + epsilon) * gain over the last axis; x [..., D], gain [D] (Zhang & Sennrich 2019; T5's
 *  norm). */
export function rmsNorm(x: tf.Tensor, gain: tf.Tensor, epsilon: number): tf.Tensor {
  return tf.mul(rootMeanSquared(x, epsilon), gain);
}

function standardized(x: tf.Tensor, epsilon: number): tf.Tensor {
  return differentiable(
    { x },
    (save) => {
      const centred = tf.sub(x, tf.mean(x, -1, true));
      const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
      const y = tf.mul(centred, inverse);
      save([narrowed(y), inverse]);
      return y;
    },
    (dy, saved) => {
      const [y, inverse] = saved as [tf.Tensor, tf.Tensor];
      const along = tf.mean(tf.mul(dy, y), -1, true);
      return { x: () => tf.mul(tf.sub(tf.sub(dy, tf.mean(dy, -1, true)), tf.mul(y, along)), inverse) };
    },
  );
}

function rootMeanSquared(x: tf.Tensor, epsilon: number): tf.Tensor {
  return differentiable(
    { x },
    (save) => {
      const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon));
      const y = tf.mul(x, inverse);
      save([narrowed(y), inverse]);
      return y;
    },
    (dy, saved) => {
      const [y, inverse] = saved as [tf.Tensor, tf.Tensor];
      return { x: () => tf.mul(tf.sub(dy, tf.mul(y, tf.mean(tf.mul(dy, y), -1, true))), inverse) };
    },
  );
}
