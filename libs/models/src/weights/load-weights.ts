import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readSafetensors, type StoredTensor } from './safetensors.js';

/** Every tensor of a Hugging Face folder: model.safetensors, or the shards that model.safetensors.index.json names. */
export function loadWeights(folder: string): Map<string, StoredTensor> {
  const single = join(folder, 'model.safetensors');
  if (existsSync(single)) return readSafetensors(single);
  const index = join(folder, 'model.safetensors.index.json');
  if (!existsSync(index)) throw new Error(`${folder} has neither model.safetensors nor model.safetensors.index.json`);
  const map = weightMap(index);
  const shards = [...new Set(Object.values(map))];
  for (const shard of shards) {
    if (basename(shard) !== shard) throw new Error(`${index} names ${JSON.stringify(shard)}, which is no file of its folder`);
    if (!existsSync(join(folder, shard))) throw new Error(`${index} names ${shard}, which is missing`);
  }
  const tensors = new Map(shards.flatMap((shard) => [...readSafetensors(join(folder, shard))]));
  const missing = Object.keys(map).filter((name) => !tensors.has(name));
  if (missing.length) throw new Error(`${index} names tensors that its shards lack: ${missing.slice(0, 5).join(', ')}`);
  return tensors;
}

function weightMap(index: string): Record<string, string> {
  let map: unknown;
  try {
    map = (JSON.parse(readFileSync(index, 'utf8')) as { weight_map?: unknown } | null)?.weight_map;
  } catch (cause) {
    throw new Error(`${index} is no JSON`, { cause });
  }
  if (typeof map !== 'object' || map === null || !Object.values(map).every((shard) => typeof shard === 'string')) {
    throw new Error(`${index} has no weight_map from tensor names to files`);
  }
  return map as Record<string, string>;
}
