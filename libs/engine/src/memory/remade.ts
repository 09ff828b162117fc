import type * as tf from '@tensorflow/tfjs';
import { isNative, nativeBackend } from '../native/backend.js';

const makers = new WeakMap<object, () => tf.Tensor2D>();

/** A matrix that is cheaper to make again than to keep: in a step that TensorFlow's own kernels run, each
 *  product makes its own when its turn has come and drops it (`madeFor`), so that few stand in memory at
 *  once. `make` may use nothing but arguments of the step. */
export function remade(make: () => tf.Tensor2D): tf.Tensor2D {
  const matrix = make();
  makers.set(matrix.dataId, make);
  return matrix;
}

/** The matrix for a product with `other`, made once that is there; the matrix itself where it was not given
 *  to be made again. */
export function madeFor(other: tf.Tensor, matrix: tf.Tensor2D): tf.Tensor2D {
  const make = makers.get(matrix.dataId);
  const tracer = isNative() ? nativeBackend().native.tracer : undefined;
  if (!make || !tracer || tracer.xla) return matrix; // XLA itself orders what it compiles
  return tracer.after(nativeBackend().ids([other])[0]!, make);
}
