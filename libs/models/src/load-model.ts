import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelType } from '#contracts/family.js';
import type { Precision } from '#contracts/precision.js';
import { bartModel } from './bart/bart-model.js';
import { bertModel } from './bert/bert-model.js';
import { withGeneration } from './config/generation-config.js';
import { ggufFile, readGgufModel } from './gguf/gguf-model.js';
import { gpt2Model } from './gpt2/gpt2-model.js';
import { llamaModel } from './llama/llama-model.js';
import type { Model } from './model.js';
import { mpnetModel } from './mpnet/mpnet-model.js';
import type { StoredModel } from './stored-model.js';
import { t5Model } from './t5/t5-model.js';
import { loadWeights } from './weights/load-weights.js';
import { isThere, parsedJson, readTextFile } from './weights/regular-file.js';

const loaders: Record<ModelType, (stored: StoredModel) => Model> = {
  t5: t5Model,
  mt5: t5Model,
  bert: bertModel,
  roberta: bertModel,
  mpnet: mpnetModel,
  gpt2: gpt2Model,
  bart: bartModel,
  llama: llamaModel,
  mistral: llamaModel,
  qwen2: llamaModel,
};

/** Loads a Hugging Face folder (config.json, safetensors, tokenizer.json), or one that holds a GGUF file,
 *  onto the device, its matrices in this precision. Throws an Error that names the folder and what of it is
 *  wrong. */
export async function loadModel(folder: string, precision: Precision = 'float32'): Promise<Model> {
  const stored = storedModel(folder, precision);
  const type = (stored.config as { model_type?: unknown } | null)?.model_type;
  const isKnown = typeof type === 'string' && Object.hasOwn(loaders, type);
  if (!isKnown)
    throw new Error(
      `${stored.path} is of model_type "${String(type)}"; known are ${Object.keys(loaders).join(', ')}`,
    );
  return loaders[type as ModelType](stored);
}

const largestConfig = 10e6; // bytes

function storedModel(folder: string, precision: Precision): StoredModel {
  const path = join(folder, 'config.json');
  if (isThere(path)) {
    const text = readTextFile(path, largestConfig);
    const { config, text: more } = withGeneration(folder, parsedJson(text, path));
    return {
      folder,
      path,
      text,
      identity: text + more,
      config,
      tensors: loadWeights(folder),
      unread: [],
      precision,
    };
  }
  const gguf = ggufFile(folder);
  if (!gguf)
    throw new Error(`${folder} has no config.json${existsSync(folder) ? '' : ': there is no such folder'}`);
  const { config, tensors } = readGgufModel(gguf);
  const text = `${JSON.stringify(config, null, 2)}\n`;
  return { folder, path: gguf, text, identity: text, config, tensors, unread: [], precision };
}
