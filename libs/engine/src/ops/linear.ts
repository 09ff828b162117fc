import * as tf from '@tensorflow/tfjs';
import { madeFor } from '../memory/remade.js';
import { differentiable } from './differentiable.js';

/** y = x W + b for x [..., I] as one 2-D product. `weight` is [I, O], or [O, I] where transposed (PyTorch's layout); bias [O]. */
export function linear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor | null, options: { transposed: boolean }): tf.Tensor {
  const inputs = x.shape.at(-1)!;
  const outputs = weight.shape[options.transposed ? 0 : 1]!;
  const y = product(tf.reshape(x, [-1, inputs]), weight as tf.Tensor2D, options.transposed);
  return tf.reshape(bias ? tf.add(y, bias) : y, [...x.shape.slice(0, -1), outputs]);
}

/** [M, I] by [I, O] (or [O, I] transposed) -> [M, O]. */
function product(x: tf.Tensor2D, w: tf.Tensor2D, transposed: boolean): tf.Tensor {
  return differentiable(
    { x, w },
    (save) => {
      save([x, w]);
      return tf.matMul(x, madeFor(x, w), false, transposed);
    },
    (dy, saved) => {
      const [x, w] = saved as [tf.Tensor2D, tf.Tensor2D];
      return {
        x: () => tf.matMul(dy, madeFor(dy, w), false, !transposed),
        w: () => (transposed ? tf.matMul(dy, x, true, false) : tf.matMul(x, dy, true, false)),
      };
    },
  );
}

/** One map a member: x [G, M, I] by w [G, I, O] -> [G, M, O]. */
export function batchedLinear(x: tf.Tensor3D, w: tf.Tensor3D): tf.Tensor3D {
  return tf.matMul(x, w);
}
