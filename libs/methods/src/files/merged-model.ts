import * as tf from '@tensorflow/tfjs';
import type { Method } from '#contracts/method.js';
import type { Model } from '#models/model.js';
import { saveModel } from '#models/save-model.js';
import { headBeside, type LoadedAdapter, saveWithHead } from './adapter-files.js';
import { methodOf } from '../table.js';
import { withoutHead } from '../heads/classifier.js';

/** Whether a plain model's weights can answer as this method does. */
export const canMerge = (config: Method): boolean => methodOf(config).merge !== undefined;

/** Writes the model that answers as the adapted one does, a Hugging Face folder without a method, of a
 *  classifier where there is a head. Throws where the method adds what a plain model has no place for.
 *  `parameters` are one member's and stay the caller's. */
export function saveMerged(folder: string, model: Model, trained: LoadedAdapter): void {
  const { merge } = methodOf(trained.config);
  if (!merge)
    throw new Error(
      `method ${trained.config.name} adds what no weights of the model can hold, and can't be merged into them`,
    );
  const merged = merge(trained.config, model, withoutHead(trained.parameters));
  try {
    const weights = { ...model.weights, ...merged };
    const { tags, labels, parameters } = trained;
    const head = headBeside(trained);
    if (head)
      return saveWithHead(folder, model, { weights, parameters, head, labels: tags ?? labels?.words ?? [] });
    saveModel(folder, { config: model.config, weights, tokenizerFolder: model.folder, dtype: 'F32' });
  } finally {
    tf.dispose(merged);
  }
}
