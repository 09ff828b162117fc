import * as tf from '@tensorflow/tfjs';
import { isNative, nativeBackend } from '../native/backend.js';
import { AttrType } from '../native/c-api.js';

/** table [R, D] with `rows` [M, D] at the places int32 [M], which are all different. On the native library it
 *  writes into the memory of `table`, which nothing else may read before or after: so many rows are written,
 *  however long the table is. */
export function placeRows(table: tf.Tensor2D, places: tf.Tensor1D, rows: tf.Tensor2D): tf.Tensor2D {
  const inXla = isNative() && nativeBackend().native.tracer?.xla === true; // which lacks the op
  if (!isNative() || inXla) return scattered(table, places, rows);
  const attrs = [{ name: 'T', type: AttrType.type, value: nativeBackend().getDTypeInteger(table.dtype) }];
  return nativeBackend().executeSingleOutput('InplaceUpdate', attrs, [table, places, rows]) as tf.Tensor2D;
}

function scattered(table: tf.Tensor2D, places: tf.Tensor1D, rows: tf.Tensor2D): tf.Tensor2D {
  const at = tf.expandDims(places, 1);
  const [height] = table.shape;
  const replaced = tf.expandDims(tf.scatterND(at, tf.ones(places.shape), [height]), 1);
  return tf.where(tf.greater(replaced, 0), tf.scatterND(at, rows, table.shape), table) as tf.Tensor2D;
}
