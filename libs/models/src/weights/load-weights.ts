import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors, type StoredTensor } from './safetensors.js';

/** Every tensor of a Hugging Face folder: model.safetensors, or the shards that model.safetensors.index.json names. */
export function loadWeights(folder: string): Map<string, StoredTensor> {
  const single = join(folder, 'model.safetensors');
  if (existsSync(single)) return readSafetensors(single);
  const index = join(folder, 'model.safetensors.index.json');
  if (!existsSync(index)) throw new Error(`${folder} has neither model.safetensors nor model.safetensors.index.json`);
  const { weight_map: map } = JSON.parse(readFileSync(index, 'utf8')) as { weight_map: Record<string, string> };
  const shards = [...new Set(Object.values(map))];
  const tensors = new Map(shards.flatMap((shard) => [...readSafetensors(join(folder, shard))]));
  const missing = Object.keys(map).filter((name) => !tensors.has(name));
  if (missing.length) throw new Error(`${index} names tensors that its shards lack: ${missing.slice(0, 5).join(', ')}`);
  return tensors;
}
