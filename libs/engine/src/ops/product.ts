import * as tf from '@tensorflow/tfjs';
import { nativeBackend } from '../native/backend.js';
import { narrowProduct } from '../native/matmul-kernel.js';
import { productPrecision } from '../native/precision.js';
import { differentiable } from './differentiable.js';

/** a b for a [..., M, K] and b [..., K, N], either the other way round where transposed; no broadcasting. It
 *  is read in the step's precision, and so are its gradients: what linear maps, adapters and attention
 *  multiply by. Elsewhere tf.matMul stays what it is, in float32: where rows are chosen (one factor is
 *  one-hot, or holds ids), where scores are made that are compared, where a norm is taken. */
export function product<T extends tf.Tensor>(a: T, b: T, transposeA = false, transposeB = false): T {
  if (productPrecision() === 'float32') return tf.matMul(a, b, transposeA, transposeB);
  return differentiable(
    { a, b },
    (save) => {
      save([a, b]);
      return multiplied(a, b, transposeA, transposeB);
    },
    (dy, saved) => {
      const [a, b] = saved as [tf.Tensor, tf.Tensor];
      return {
        a: () => (transposeA ? multiplied(b, dy, transposeB, true) : multiplied(dy, b, false, !transposeB)),
        b: () => (transposeB ? multiplied(dy, a, true, transposeA) : multiplied(a, dy, !transposeA, false)),
      };
    },
  ) as T;
}

/** The same for ops that have a gradient of their own. */
export function multiplied(a: tf.Tensor, b: tf.Tensor, transposeA: boolean, transposeB: boolean): tf.Tensor {
  if (productPrecision() === 'float32') return tf.matMul(a, b, transposeA, transposeB);
  return narrowProduct(nativeBackend(), { a, b, transposeA, transposeB });
}
