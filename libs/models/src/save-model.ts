import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Weights } from './model.js';
import { writeSafetensors, type StoredTensor } from './weights/safetensors.js';

export interface SavedModel {
  config: string | object; // config.json: a loaded model's text, or what is to be written
  weights: Weights | ReadonlyMap<string, StoredTensor>;
  tokenizerFolder: string; // whose tokenizer goes along
  dtype: 'F32' | 'F16';
}

const tokenizerFiles = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'];

/** Writes a Hugging Face folder that loadModel and transformers read. It appears whole or not at all; one of that name is replaced.
 *  Reads weights back from the device, so never while tracing. */
export function saveModel(folder: string, model: SavedModel): void {
  const partial = `${folder}.${process.pid}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  try {
    const { config } = model;
    writeFileSync(join(partial, 'config.json'), typeof config === 'string' ? config : `${JSON.stringify(config, null, 2)}\n`);
    writeSafetensors(join(partial, 'model.safetensors'), stored(model.weights), model.dtype);
    for (const file of tokenizerFiles) {
      const from = join(model.tokenizerFolder, file);
      if (existsSync(from)) copyFileSync(from, join(partial, file));
      else if (file === 'tokenizer.json') throw new Error(`${model.tokenizerFolder} has no tokenizer.json`);
    }
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function stored(weights: SavedModel['weights']): ReadonlyMap<string, StoredTensor> {
  if (weights instanceof Map) return weights as ReadonlyMap<string, StoredTensor>;
  const entries = Object.entries(weights as Weights);
  return new Map(entries.map(([name, w]) => [name, { shape: w.shape, values: w.dataSync() as Float32Array }]));
}
