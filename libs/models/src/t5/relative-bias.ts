import * as tf from '@tensorflow/tfjs';
import { embedding } from '#engine/ops/embedding.js';

export interface Buckets {
  count: number;
  maxDistance: number;
  bidirectional: boolean; // the encoder's; a decoder looks back only
}

/** The bucket of a key's distance from its query (key - query): exact up to a quarter (a half, looking back only) of the buckets, then
 *  logarithmic up to maxDistance (Raffel et al. 2020 §2.1). Rounded in float32, as PyTorch and Mesh TensorFlow do. */
export function bucketOf(distance: number, { count, maxDistance, bidirectional }: Buckets): number {
  const buckets = bidirectional ? count >> 1 : count;
  const offset = bidirectional && distance > 0 ? buckets : 0;
  const d = bidirectional ? Math.abs(distance) : Math.max(0, -distance);
  const exact = buckets >> 1;
  if (d < exact) return offset + d;
  const f = Math.fround;
  const octaves = f(f(Math.log(f(d / exact))) / f(Math.log(maxDistance / exact)));
  return offset + Math.min(buckets - 1, exact + Math.trunc(f(octaves * (buckets - exact))));
}

/** Bias [1, H, T, S] for T queries that start at position `first` and S keys that start at 0, from the table [buckets, H]. */
export function relativeBias(
  table: tf.Tensor2D,
  buckets: Buckets,
  { first, queries, keys }: { first: number; queries: number; keys: number },
): tf.Tensor4D {
  const ids = Int32Array.from({ length: queries * keys }, (_, i) => bucketOf((i % keys) - first - Math.floor(i / keys), buckets));
  const bias = embedding(table, tf.tensor2d(ids, [queries, keys], 'int32')); // [T, S, H]
  return tf.expandDims(tf.transpose(bias, [2, 0, 1]), 0);
}
