import type * as tf from '@tensorflow/tfjs';
import type { StoredTensor } from './safetensors.js';

/** Tensors for writeSafetensors. Each is read back from the device when its values are asked for, and not
 *  before: a large model never stands in memory twice for being saved. The tensors stay the caller's and must
 *  live until then. */
export function readBack(tensors: Record<string, tf.Tensor>): Map<string, StoredTensor> {
  return new Map(
    Object.entries(tensors).map(([name, tensor]) => {
      const stored = {
        shape: tensor.shape,
        get values() {
          return tensor.dataSync() as Float32Array | Int32Array;
        },
      };
      return [name, stored];
    }),
  );
}
