import * as tf from '@tensorflow/tfjs';
import type { Method } from '#contracts/method.js';
import type { Model } from '#models/model.js';
import { saveModel } from '#models/save-model.js';
import type { Parameters } from './method.js';
import { methodOf } from './table.js';

/** Whether a plain model's weights can answer as this method does. */
export const canMerge = (config: Method): boolean => methodOf(config).merge !== undefined;

/** Writes the model that answers as the adapted one does, a Hugging Face folder without a method. Throws where the method adds what a plain
 *  model has no place for. `parameters` are one member's and stay the caller's. */
export function saveMerged(folder: string, model: Model, trained: { config: Method; parameters: Parameters }): void {
  const { merge } = methodOf(trained.config);
  if (!merge)
    throw new Error(`method ${trained.config.name} adds what no weights of the model can hold, and can't be merged into them`);
  const merged = merge(trained.config, model, trained.parameters);
  try {
    const weights = { ...model.weights, ...merged };
    saveModel(folder, { config: model.config, weights, tokenizerFolder: model.folder, dtype: 'F32' });
  } finally {
    tf.dispose(merged);
  }
}
