import type { Precision } from '#contracts/precision.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { Contents } from '../local-inputs.js';
import { Warm } from './warm.js';

const capacity = 1e9; // bytes of weights

const models = new Warm<Model>(
  capacity,
  (model) => (model.precision === 'bfloat16' ? 2 : 4) * model.parameterCount,
  (model) => model.dispose(),
);

/** The model of a folder in a precision, loaded once while the folder holds the same. It stays the cache's:
 *  callers never dispose of it. */
export async function warmModel(
  folder: string,
  contents = new Contents(),
  precision: Precision = 'float32',
): Promise<Model> {
  const content = contents.of({ knob: 'backbone.folder', path: folder, kind: 'model', files: [] });
  const key = `${content} ${precision}`;
  return models.get(key) ?? models.keep(key, await loadModel(folder, precision));
}
