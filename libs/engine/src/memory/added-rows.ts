import * as tf from '@tensorflow/tfjs';
import { isNative, nativeBackend } from '../native/backend.js';
import { isRowsAdded, summands } from './summands.js';

/** A table: zeros, or `rest`, with `rows` [M, D] added at `ids` [M], some perhaps several times. */
export interface AddedRows {
  rest?: tf.Tensor;
  rows: tf.Tensor2D;
  ids: tf.Tensor1D;
}

/** How a tensor [1, V, D] of a step that TensorFlow's own kernels run came to be, where rows were added into
 *  it, as an embedding's gradient is; for several embeddings of one table `joinedSum` has made that one sum.
 */
export function addedRows(table: tf.Tensor): AddedRows | undefined {
  const tracer = isNative() ? nativeBackend().native.tracer : undefined;
  if (!tracer || tracer.xla || table.rank !== 3 || table.shape[0] !== 1) return undefined;
  const backend = nativeBackend();
  const parts = summands(tracer, backend.metadata(table));
  const [sum, ...more] = parts.filter(isRowsAdded);
  if (!sum || more.length > 0) return undefined;
  const [rows, ids] = sum.origin!.inputs.map((input) => backend.tensorOf(input)) as [
    tf.Tensor2D,
    tf.Tensor1D,
    tf.Tensor,
  ];
  const others = parts
    .filter((part) => part !== sum)
    .map((part) => tf.reshape(backend.tensorOf(part), table.shape));
  return others.length === 0 ? { rows, ids } : { rest: others.reduce((a, b) => tf.add(a, b)), rows, ids };
}
