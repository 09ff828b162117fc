import * as tf from '@tensorflow/tfjs';
import { differentiable } from './differentiable.js';

const c = Math.sqrt(2 / Math.PI);

/** Gaussian error linear unit (Hendrycks & Gimpel 2016): exact by erf, or the tanh approximation of GPT-2 and T5 v1.1. */
export function gelu(x: tf.Tensor, kind: 'erf' | 'tanh'): tf.Tensor {
  return kind === 'erf' ? byErf(x) : byTanh(x);
}

/** gelu(a) * b, the gate of T5 v1.1's feed-forward (Shazeer 2020). */
export function geglu(a: tf.Tensor, b: tf.Tensor, kind: 'erf' | 'tanh' = 'tanh'): tf.Tensor {
  return tf.mul(gelu(a, kind), b);
}

function byErf(x: tf.Tensor): tf.Tensor {
  const half = (x: tf.Tensor) => tf.mul(0.5, tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2)))); // the normal distribution function
  return differentiable(
    { x },
    (save) => {
      save([x]);
      return tf.mul(x, half(x));
    },
    (dy, saved) => {
      const [x] = saved as [tf.Tensor];
      const density = tf.mul(tf.exp(tf.mul(-0.5, tf.square(x))), 1 / Math.sqrt(2 * Math.PI));
      return { x: () => tf.mul(dy, tf.add(half(x), tf.mul(x, density))) };
    },
  );
}

function byTanh(x: tf.Tensor): tf.Tensor {
  const inner = (x: tf.Tensor) => tf.mul(c, tf.mul(x, tf.add(1, tf.mul(0.044715, tf.square(x)))));
  return differentiable(
    { x },
    (save) => {
      const t = tf.tanh(inner(x));
      save([x, t]);
      return tf.mul(tf.mul(0.5, x), tf.add(1, t));
    },
    (dy, saved) => {
      const [x, t] = saved as [tf.Tensor, tf.Tensor];
      const slope = tf.mul(c, tf.add(1, tf.mul(3 * 0.044715, tf.square(x))));
      const derivative = tf.mul(0.5, tf.add(tf.add(1, t), tf.mul(tf.mul(x, tf.sub(1, tf.square(t))), slope)));
      return { x: () => tf.mul(dy, derivative) };
    },
  );
}
