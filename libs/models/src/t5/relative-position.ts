import * as tf from '@tensorflow/tfjs';
import { embedding, gatherRows } from '#engine/ops/embedding.js';

/** Bucket of a key `distance` positions to the right of its query: exact while near, logarithmic up to
 *  `maxDistance` (Raffel et al. 2020 §2.1). The decoder looks back only, so it has all buckets for the past.
 */
export function relativeBucket(
  distance: number,
  bidirectional: boolean,
  buckets: number,
  maxDistance: number,
): number {
  let bucket = 0;
  let count = buckets;
  let back = -distance;
  if (bidirectional) {
    count /= 2;
    if (distance > 0) bucket += count;
    back = Math.abs(distance);
  } else back = Math.max(back, 0);
  const exact = Math.floor(count / 2);
  if (back < exact) return bucket + back;
  // float32, as PyTorch does
  const far = Math.fround(Math.fround(Math.log(back / exact)) / Math.fround(Math.log(maxDistance / exact)));
  return bucket + Math.min(count - 1, exact + Math.floor(Math.fround(far * (count - exact))));
}

/** Attention bias [1, H, queries, keys] from the table [buckets, H]; the first query stands at position
 *  `from`. Only queries + keys distances differ, so that many rows are looked up: written queries times in a
 *  row and cut into lines that are one shorter, they move one place to the right with every line. Its
 *  gradient is sums, not a scatter of queries x keys rows. */
export function relativeBias(
  table: tf.Tensor2D,
  options: { queries: number; keys: number; from: number; bidirectional: boolean; maxDistance: number },
): tf.Tensor4D {
  const { queries, keys, from, bidirectional, maxDistance } = options;
  const [buckets, heads] = table.shape;
  const period = queries + keys;
  const ids = Int32Array.from({ length: period }, (_, i) =>
    relativeBucket((i < keys ? i : i - period) - from, bidirectional, buckets, maxDistance),
  );
  const row = tf.transpose(embedding(table, tf.tensor1d(ids, 'int32'))); // [H, period]
  const rows = tf.reshape(tf.broadcastTo(tf.expandDims(row, 1), [heads, queries, period]), [
    heads,
    queries * period,
  ]);
  const lines = tf.reshape(tf.slice(rows, [0, 0], [heads, queries * (period - 1)]), [
    heads,
    queries,
    period - 1,
  ]);
  return tf.expandDims(tf.slice(lines, [0, 0, 0], [heads, queries, keys]), 0);
}

/** Attention bias [1, H, 1, front + size] of tokens that take the slots of this step: behind `length`
 *  positions come slots, `beams` at each position; `front` positions stand in front of all. What lies behind
 *  the new tokens has the bias of distance 0. */
export function slottedBias(
  table: tf.Tensor2D,
  step: tf.Scalar,
  of: { front: number; length: number; beams: number; size: number; maxDistance: number },
): tf.Tensor4D {
  const { front, length, beams, size, maxDistance } = of;
  const keys = front + size;
  const position = (i: number) =>
    i < front + length ? i - front : length + Math.floor((i - front - length) / beams);
  // distances of the first slots' tokens
  const atFirst = Int32Array.from({ length: keys }, (_, i) => length - position(i));
  const buckets = Int32Array.from({ length: keys + 1 }, (_, distance) =>
    relativeBucket(-distance, false, table.shape[0], maxDistance),
  );
  const distances = tf.maximum(
    tf.add(tf.tensor1d(atFirst, 'int32'), step),
    tf.scalar(0, 'int32'),
  ) as tf.Tensor1D;
  const ids = gatherRows(tf.tensor1d(buckets, 'int32'), distances);
  return tf.reshape(tf.transpose(embedding(table, ids)), [1, table.shape[1], 1, keys]);
}
