import * as tf from '@tensorflow/tfjs';
import { fused } from '../memory/fused.js';
import { nativeBackend } from '../native/backend.js';
import { productPrecision } from '../native/precision.js';
import { differentiable } from './differentiable.js';
import { narrowed } from './kept-narrow.js';

type Unary = (x: tf.Tensor) => tf.Tensor;

/** A function of one number, and its derivative. */
interface Curve {
  f: Unary;
  derivative: Unary;
}

const c = Math.sqrt(2 / Math.PI);
// the normal distribution function, and its density
const half: Unary = (x) => tf.mul(0.5, tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2))));
const density: Unary = (x) => tf.mul(tf.exp(tf.mul(-0.5, tf.square(x))), 1 / Math.sqrt(2 * Math.PI));
const bent: Unary = (x) => tf.tanh(tf.mul(c, tf.mul(x, tf.add(1, tf.mul(0.044715, tf.square(x))))));
const slope: Unary = (x) => tf.mul(c, tf.add(1, tf.mul(3 * 0.044715, tf.square(x))));

const curves = {
  erf: {
    f: (x) => tf.mul(x, half(x)),
    derivative: (x) => tf.add(half(x), tf.mul(x, density(x))),
  },
  tanh: {
    f: (x) => tf.mul(tf.mul(0.5, x), tf.add(1, bent(x))),
    derivative: (x) => {
      const t = bent(x);
      return tf.mul(0.5, tf.add(tf.add(1, t), tf.mul(tf.mul(x, tf.sub(1, tf.square(t))), slope(x))));
    },
  },
  silu: {
    f: (x) => tf.mul(x, tf.sigmoid(x)),
    derivative: (x) => {
      const open = tf.sigmoid(x);
      return tf.mul(open, tf.add(1, tf.mul(x, tf.sub(1, open))));
    },
  },
} as const satisfies Record<string, Curve>;

/** Gaussian error linear unit (Hendrycks & Gimpel 2016): exact by erf, or the tanh approximation of GPT-2 and
 *  T5 v1.1. */
export function gelu(x: tf.Tensor, kind: 'erf' | 'tanh'): tf.Tensor {
  return elementwise(`gelu_${kind}`, x, curves[kind]);
}

/** x sigmoid(x) (Elfwing et al. 2018). */
export function silu(x: tf.Tensor): tf.Tensor {
  return productPrecision() === 'float32' ? curves.silu.f(x) : elementwise('silu', x, curves.silu);
}

/** act(a) b, the gate between the products of T5 v1.1's and LLaMA's feed-forwards (Shazeer 2020). In bfloat16
 *  a, b and the result are kept so, and act(a) is computed again on the way back. */
export function gated(a: tf.Tensor, b: tf.Tensor, kind: keyof typeof curves): tf.Tensor {
  if (productPrecision() === 'float32') return tf.mul(kind === 'silu' ? silu(a) : gelu(a, kind), b);
  const { f, derivative } = curves[kind];
  return differentiable(
    { a, b },
    (save) => {
      const given = { a: narrowed(a), b: narrowed(b) };
      save([given.a, given.b]);
      const { result } = fused(`gated_${kind}`, { of: given }, ({ of }) => ({
        result: { y: narrowed(tf.mul(f(of.a), of.b)) },
      }));
      return result.y;
    },
    (dy, saved) => {
      const [a, b] = saved as [tf.Tensor, tf.Tensor];
      const ofGate = () =>
        fused(`gated_${kind}_gradient_a`, { of: { a, b, dy } }, ({ of }) => ({
          result: { da: narrowed(tf.mul(tf.mul(of.dy, of.b), derivative(of.a))) },
        }));
      const ofGiven = () =>
        fused(`gated_${kind}_gradient_b`, { of: { a, dy } }, ({ of }) => ({
          result: { db: narrowed(tf.mul(of.dy, f(of.a))) },
        }));
      return { a: () => ofGate().result.da, b: () => ofGiven().result.db };
    },
  );
}

/** f(x), an element at a time, each way in one loop. Only x is kept for the way back: computing f's parts
 *  again costs less than memory. In bfloat16 it is kept so, and so is what the next product reads. */
function elementwise(name: string, x: tf.Tensor, { f, derivative }: Curve): tf.Tensor {
  return differentiable(
    { x },
    (save) => {
      if (productPrecision() === 'float32' || nativeBackend().isNarrow(x)) {
        save([x]);
        return fused(name, { of: { x } }, ({ of }) => ({ result: { y: narrowed(f(of.x)) } })).result.y;
      }
      const { result } = fused(name, { of: { x } }, ({ of }) => ({
        result: { y: narrowed(f(of.x)), x: narrowed(of.x) },
      }));
      save([result.x]);
      return result.y;
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
