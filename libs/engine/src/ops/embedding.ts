import * as tf from '@tensorflow/tfjs';
import { isNative, nativeBackend } from '../native/backend.js';
import { AttrType, DataType } from '../native/c-api.js';
import { differentiable } from './differentiable.js';

/** Rows of table [V, D] at ids int32 [...] -> [..., D]. The gradient adds rows that were taken several times.
 */
export function embedding(table: tf.Tensor2D, ids: tf.Tensor): tf.Tensor {
  const [rows, width] = table.shape;
  const flat = tf.reshape(ids, [-1]) as tf.Tensor1D;
  const taken = differentiable(
    { table },
    (save) => {
      save([flat]);
      return gatherRows(table, flat);
    },
    (dy, [rowsTaken]) => ({
      table: () => tf.unsortedSegmentSum(dy as tf.Tensor2D, rowsTaken as tf.Tensor1D, rows),
    }),
  );
  return tf.reshape(taken, [...ids.shape, width]);
}

/** Rows [M, ...] of table [V, ...] at ids [M]. tf.gather reads the indices back to check them, which a device
 *  and a trace cannot afford. */
export function gatherRows(table: tf.Tensor, ids: tf.Tensor1D): tf.Tensor {
  if (!isNative()) return tf.gather(table, ids);
  const attrs = [
    { name: 'Tparams', type: AttrType.type, value: nativeBackend().getDTypeInteger(table.dtype) },
    { name: 'Tindices', type: AttrType.type, value: DataType.int32 },
    { name: 'Taxis', type: AttrType.type, value: DataType.int32 },
  ];
  return nativeBackend().executeSingleOutput('GatherV2', attrs, [table, ids, tf.scalar(0, 'int32')]);
}
