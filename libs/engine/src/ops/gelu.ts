import * as tf from '@tensorflow/tfjs';
import { fused } from '../memory/fused.js';
import { differentiable } from './differentiable.js';

const c = Math.sqrt(2 / Math.PI);

/** Gaussian error linear unit (Hendrycks & Gimpel 2016): exact by erf, or the tanh approximation of GPT-2 and
 *  T5 v1.1. */
export function gelu(x: tf.Tensor, kind: 'erf' | 'tanh'): tf.Tensor {
  return kind === 'erf' ? byErf(x) : byTanh(x);
}

/** gelu(a) * b, the gate of T5 v1.1's feed-forward (Shazeer 2020). */
export function geglu(a: tf.Tensor, b: tf.Tensor, kind: 'erf' | 'tanh' = 'tanh'): tf.Tensor {
  return tf.mul(gelu(a, kind), b);
}

function byErf(x: tf.Tensor): tf.Tensor {
  // the normal distribution function
  const half = (x: tf.Tensor) => tf.mul(0.5, tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2))));
  const density = (x: tf.Tensor) => tf.mul(tf.exp(tf.mul(-0.5, tf.square(x))), 1 / Math.sqrt(2 * Math.PI));
  return elementwise(
    'gelu_erf',
    x,
    (x) => tf.mul(x, half(x)),
    (x) => tf.add(half(x), tf.mul(x, density(x))),
  );
}

function byTanh(x: tf.Tensor): tf.Tensor {
  const bent = (x: tf.Tensor) => tf.tanh(tf.mul(c, tf.mul(x, tf.add(1, tf.mul(0.044715, tf.square(x))))));
  const slope = (x: tf.Tensor) => tf.mul(c, tf.add(1, tf.mul(3 * 0.044715, tf.square(x))));
  return elementwise(
    'gelu_tanh',
    x,
    (x) => tf.mul(tf.mul(0.5, x), tf.add(1, bent(x))),
    (x) => {
      const t = bent(x);
      return tf.mul(0.5, tf.add(tf.add(1, t), tf.mul(tf.mul(x, tf.sub(1, tf.square(t))), slope(x))));
    },
  );
}

/** f(x), an element at a time, each way in one loop. Only x is kept for the way back: computing f's parts
 *  again costs less than memory. */
function elementwise(
  name: string,
  x: tf.Tensor,
  f: (x: tf.Tensor) => tf.Tensor,
  derivative: (x: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  return differentiable(
    { x },
    (save) => {
      save([x]);
      return fused(name, { of: { x } }, ({ of }) => ({ result: { y: f(of.x) } })).result.y;
    },
    (dy, saved) => {
      const back = () =>
        fused(`${name}_gradient`, { of: { x: saved[0]!, dy } }, ({ of }) => ({
          result: { dx: tf.mul(of.dy, derivative(of.x)) },
        }));
      return { x: () => back().result.dx };
    },
  );
}
