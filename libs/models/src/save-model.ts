import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generationFile } from './config/generation-config.js';
import { ggufFile } from './gguf/gguf-model.js';
import { ggufTokenizer } from './gguf/gguf-tokenizer.js';
import { readGgufMetadata } from './gguf/gguf.js';
import type { Weights } from './batch.js';
import { sentenceFiles } from './sentence-pooling.js';
import { readBack } from './weights/read-back.js';
import { writeSafetensors, type StoredTensor } from './weights/safetensors.js';

export interface SavedModel {
  config: string | object; // config.json: a loaded model's text, or what is to be written
  weights: Weights | ReadonlyMap<string, StoredTensor>;
  // whose tokenizer goes along; with a loaded model's config also what else says what it computes
  tokenizerFolder: string;
  dtype: 'F32' | 'F16';
}

const tokenizerFiles = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'];

/** Writes a Hugging Face folder that loadModel and transformers read. It appears whole or not at all; one of
 *  that name is replaced. Reads weights back from the device, so never while tracing. */
export function saveModel(folder: string, model: SavedModel): void {
  const partial = `${folder}.${process.pid}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  try {
    const { config } = model;
    writeFileSync(
      join(partial, 'config.json'),
      typeof config === 'string' ? config : `${JSON.stringify(config, null, 2)}\n`,
    );
    writeSafetensors(join(partial, 'model.safetensors'), stored(model.weights), model.dtype);
    saveTokenizer(model.tokenizerFolder, partial);
    if (typeof config === 'string') copyBeside(model.tokenizerFolder, partial);
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** How a sentence encoder pools, and how texts end. */
function copyBeside(from: string, into: string): void {
  for (const file of [...sentenceFiles, generationFile].filter((name) => existsSync(join(from, name)))) {
    mkdirSync(dirname(join(into, file)), { recursive: true });
    copyFileSync(join(from, file), join(into, file));
  }
}

/** A GGUF file's tokenizer is written as the tokenizer.json that it amounts to. */
function saveTokenizer(from: string, into: string): void {
  const gguf = existsSync(join(from, 'tokenizer.json')) ? undefined : ggufFile(from);
  if (gguf) {
    const { json, config } = ggufTokenizer(gguf, readGgufMetadata(gguf));
    writeFileSync(join(into, 'tokenizer.json'), JSON.stringify(json));
    writeFileSync(join(into, 'tokenizer_config.json'), JSON.stringify(config));
    return;
  }
  for (const file of tokenizerFiles) {
    if (existsSync(join(from, file))) copyFileSync(join(from, file), join(into, file));
    else if (file === 'tokenizer.json') throw new Error(`${from} has no tokenizer.json`);
  }
}

function stored(weights: SavedModel['weights']): ReadonlyMap<string, StoredTensor> {
  if (weights instanceof Map) return weights as ReadonlyMap<string, StoredTensor>;
  return readBack(weights as Weights);
}
