import * as tf from '@tensorflow/tfjs';

/** Rows padded behind with `fill`, int32 [rows, longest]. */
export function idTable(rows: readonly (readonly number[])[], fill: number): tf.Tensor2D {
  const width = Math.max(...rows.map((r) => r.length));
  const padded = rows.flatMap((r) => [...r, ...new Array<number>(width - r.length).fill(fill)]);
  return tf.tensor2d(padded, [rows.length, width], 'int32');
}

/** Rows of a small int32 table by a one-hot product: exact, and legal on every backend inside a trace. */
export function rowsOf(table: tf.Tensor2D, ids: tf.Tensor1D): tf.Tensor2D {
  const chosen = tf.matMul(tf.oneHot(ids, table.shape[0]).toFloat() as tf.Tensor2D, table.toFloat());
  return tf.cast(tf.round(chosen), 'int32') as tf.Tensor2D;
}
