import * as tf from '@tensorflow/tfjs';
import { madeFor } from '../memory/remade.js';
import { differentiable } from './differentiable.js';
import { multiplied, product } from './product.js';

/** y = x W + b for x [..., I] as one 2-D product. `weight` is [I, O], or [O, I] where transposed (PyTorch's
 *  layout); bias [O]. */
export function linear(
  x: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor | null,
  options: { transposed: boolean },
): tf.Tensor {
  const inputs = x.shape.at(-1)!;
  const outputs = weight.shape[options.transposed ? 0 : 1]!;
  const y = matrixProduct(tf.reshape(x, [-1, inputs]), weight as tf.Tensor2D, options.transposed);
  return tf.reshape(bias ? tf.add(y, bias) : y, [...x.shape.slice(0, -1), outputs]);
}

let parts = 1;

/** Within `body` large products with a transposed weight are computed in `count` parts of their outputs,
 *  which a step runs side by side: for so few rows that reading the weight is what takes time, which lanes of
 *  rows would each do. They have no gradient. */
export function inParts<T>(count: number, body: () => T): T {
  const before = parts;
  parts = count;
  try {
    return body();
  } finally {
    parts = before;
  }
}

const worthParting = 1 << 18; // values of a weight
const aligned = 16; // values: TensorFlow copies a slice that begins elsewhere

function productOfParts(x: tf.Tensor2D, w: tf.Tensor2D): tf.Tensor {
  const [outputs, inputs] = w.shape;
  const each = outputs / parts;
  const products = Array.from({ length: parts }, (_, i) =>
    multiplied(x, tf.slice(w, [i * each, 0], [each, inputs]), false, true),
  );
  return tf.concat(products, 1);
}

const isParted = ({ shape: [outputs, inputs], size }: tf.Tensor2D): boolean =>
  parts > 1 && size >= worthParting && outputs % parts === 0 && ((outputs / parts) * inputs) % aligned === 0;

/** [M, I] by [I, O] (or [O, I] transposed) -> [M, O]. */
function matrixProduct(x: tf.Tensor2D, w: tf.Tensor2D, transposed: boolean): tf.Tensor {
  if (transposed && isParted(w)) return productOfParts(x, w);
  return differentiable(
    { x, w },
    (save) => {
      save([x, w]);
      return multiplied(x, madeFor(x, w), false, transposed);
    },
    (dy, saved) => {
      const [x, w] = saved as [tf.Tensor2D, tf.Tensor2D];
      return {
        x: () => multiplied(dy, madeFor(dy, w), false, !transposed),
        w: () => (transposed ? multiplied(dy, x, true, false) : multiplied(x, dy, true, false)),
      };
    },
  );
}

/** One map a member: x [G, M, I] by w [G, I, O] -> [G, M, O]. */
export function batchedLinear(x: tf.Tensor3D, w: tf.Tensor3D): tf.Tensor3D {
  return product(x, w);
}
