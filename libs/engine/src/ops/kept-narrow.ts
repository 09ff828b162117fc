import * as tf from '@tensorflow/tfjs';
import { isNative, nativeBackend } from '../native/backend.js';
import { DataType } from '../native/c-api.js';
import { productPrecision } from '../native/precision.js';
import { narrowHalves } from '../native/stored-types.js';

/** A tensor of these values in bfloat16, each rounded to the nearest, in half the memory. To tfjs it is a
 *  float32; what reads it as such widens it, products in bfloat16 read it as it is. The caller owns it.
 *  Throws where ops do not run on the native library. */
export function keptNarrow(values: Float32Array, shape: number[]): tf.Tensor {
  if (!isNative())
    throw new Error(
      'weights in bfloat16 need the native library: the backend of tfjs itself has no such type',
    );
  const dtype = DataType.bfloat16;
  const id = nativeBackend().native.createTensor(shape, dtype, narrowHalves(values));
  return nativeBackend().tensorOf({ id, shape, dtype });
}

/** These values as products in the step's precision read them: in bfloat16 there, to the nearest, in half the
 *  memory; the tensor itself in a step in float32. */
export function narrowed<T extends tf.Tensor>(t: T): T {
  if (productPrecision() === 'float32' || nativeBackend().isNarrow(t)) return t;
  const { id, shape } = nativeBackend().metadata(t);
  const narrow = nativeBackend().native.converted(id, DataType.bfloat16);
  return nativeBackend().tensorOf({ id: narrow, shape, dtype: DataType.bfloat16 }) as T;
}
