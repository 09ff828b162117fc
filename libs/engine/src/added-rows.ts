import * as tf from '@tensorflow/tfjs';
import { isNative, nativeBackend } from './backend.js';
import type { Tracer } from './tracer.js';

/** What was added into the rows of a table of zeros: `rows` [M, D] at `ids` [M], some perhaps several times. */
export interface AddedRows {
  rows: tf.Tensor2D;
  ids: tf.Tensor1D;
}

/** How a tensor [1, V, D] of a step that TensorFlow's own kernels run came to be, where that is rows added into a table and nothing else, as the
 *  gradient of an embedding is: once for each lane and each place where the model reads the table. */
export function addedRows(table: tf.Tensor): AddedRows | undefined {
  const tracer = isNative() ? nativeBackend().native.tracer : undefined;
  if (!tracer || tracer.xla || table.rank !== 3 || table.shape[0] !== 1) return undefined;
  const sums = segmentSums(tracer, nativeBackend().ids([table])[0]!);
  if (!sums) return undefined;
  const [rows, ids] = [0, 1].map((input) => tf.concat(sums.map((inputs) => inputs[input]!))) as [tf.Tensor2D, tf.Tensor1D];
  return { rows, ids };
}

/** Rows and ids of the segment sums that the node is a sum of. */
function segmentSums(tracer: Tracer, id: number): tf.Tensor[][] | undefined {
  const origin = tracer.originOf(id);
  switch (origin?.name) {
    case 'Reshape':
      return segmentSums(tracer, origin.inputs[0]!.id);
    case 'Add': {
      const parts = origin.inputs.map((input) => segmentSums(tracer, input.id));
      return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
    }
    case 'UnsortedSegmentSum':
      return [origin.inputs.map((input) => nativeBackend().tensorOf(input))];
    default:
      return undefined;
  }
}
