import * as tf from '@tensorflow/tfjs';
import { embedding } from '#engine/ops/embedding.js';
import type { Adaptation } from './adaptation.js';

/** Input embeddings [N, T, D] of ids [N, T]; those of slots are token 0's, for the embeddings hook to
 *  replace. */
export function tokenRows(table: tf.Tensor2D, ids: tf.Tensor2D, adaptation?: Adaptation): tf.Tensor3D {
  const known = adaptation?.embeddings ? tf.maximum(ids, tf.scalar(0, 'int32')) : ids;
  return embedding(table, known) as tf.Tensor3D;
}
