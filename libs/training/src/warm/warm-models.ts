import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { Contents } from '../local-inputs.js';
import { Warm } from './warm.js';

const capacity = 1e9; // bytes of weights

const models = new Warm<Model>(
  capacity,
  (model) => 4 * model.parameterCount,
  (model) => model.dispose(),
);

/** The model of a folder, loaded once while the folder holds the same. It stays the cache's: callers never dispose of it. */
export async function warmModel(folder: string, contents = new Contents()): Promise<Model> {
  const key = contents.of({ knob: 'backbone.folder', path: folder, kind: 'model', files: [] });
  return models.get(key) ?? models.keep(key, await loadModel(folder));
}
