import * as tf from '@tensorflow/tfjs';
import { inPrecision, productPrecision } from '../native/precision.js';
import { differentiable } from './differentiable.js';

/** a b in float32, and its gradients, whatever the precision of the step: products that choose rows (one of them is one-hot), and the last ones
 *  before scores are compared, which cost nothing. a [..., M, K], b [..., K, N], or the other way round where transposed; no broadcasting. */
export function exactProduct<T extends tf.Tensor>(a: T, b: T, transposeA = false, transposeB = false): T {
  const exact = (x: tf.Tensor, y: tf.Tensor, tx: boolean, ty: boolean) => inPrecision('float32', () => tf.matMul(x, y, tx, ty));
  if (productPrecision() === 'float32') return exact(a, b, transposeA, transposeB) as T;
  return differentiable(
    { a, b },
    (save) => {
      save([a, b]);
      return exact(a, b, transposeA, transposeB);
    },
    (dy, saved) => {
      const [a, b] = saved as [tf.Tensor, tf.Tensor];
      return {
        a: () => (transposeA ? exact(b, dy, transposeB, true) : exact(dy, b, false, !transposeB)),
        b: () => (transposeB ? exact(dy, a, true, transposeA) : exact(a, dy, !transposeA, false)),
      };
    },
  ) as T;
}
