import { statSync } from 'node:fs';
import { join } from 'node:path';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { Warm } from './warm.js';

const capacity = 1e9; // bytes of weights

const models = new Warm<Model>(
  capacity,
  (model) => 4 * model.parameterCount,
  (model) => model.dispose(),
);

/** The model of a folder, loaded once while nothing in the folder changes. It stays the cache's: callers never dispose of it. */
export async function warmModel(folder: string): Promise<Model> {
  const key = `${folder} ${['config.json', 'model.safetensors', 'tokenizer.json'].map((f) => stamp(join(folder, f))).join(' ')}`;
  return models.get(key) ?? models.keep(key, await loadModel(folder));
}

function stamp(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.size}/${found.mtimeMs}` : 'none';
}
