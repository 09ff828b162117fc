import * as tf from '@tensorflow/tfjs';
import { embedding } from '#engine/ops/embedding.js';
import type { Model } from '#models/model.js';

/** Values of the input embeddings of these tokens, row after row. */
export function readRows(model: Model, ids: readonly number[]): Float32Array {
  const rows = tf.tidy(() => embedding(model.inputEmbedding(model.weights), tf.tensor1d([...ids], 'int32')));
  const values = rows.dataSync() as Float32Array;
  rows.dispose();
  return values;
}
