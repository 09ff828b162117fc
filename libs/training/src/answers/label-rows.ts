import * as tf from '@tensorflow/tfjs';

/** Rows of a small int32 table by a one-hot product: exact, and legal on every backend inside a trace. */
export function rowsOf(table: tf.Tensor2D, ids: tf.Tensor1D): tf.Tensor2D {
  const chosen = tf.matMul(tf.oneHot(ids, table.shape[0]).toFloat() as tf.Tensor2D, table.toFloat());
  return tf.cast(tf.round(chosen), 'int32') as tf.Tensor2D;
}
