import { basename, join } from 'node:path';
import { isThere, readJsonFile } from './regular-file.js';
import { readSafetensors, type StoredTensor } from './safetensors.js';

/** Every tensor of a Hugging Face folder: model.safetensors, or the shards that model.safetensors.index.json
 *  names. */
export function loadWeights(folder: string): Map<string, StoredTensor> {
  const single = join(folder, 'model.safetensors');
  if (isThere(single)) return readSafetensors(single);
  const index = join(folder, 'model.safetensors.index.json');
  if (!isThere(index))
    throw new Error(`${folder} has neither model.safetensors nor model.safetensors.index.json`);
  const map = weightMap(index);
  const shards = [...new Set(Object.values(map))];
  for (const shard of shards) {
    if (basename(shard) !== shard)
      throw new Error(`${index} names ${JSON.stringify(shard)}, which is no file of its folder`);
    if (!isThere(join(folder, shard))) throw new Error(`${index} names ${shard}, which is missing`);
  }
  const tensors = new Map<string, StoredTensor>();
  for (const shard of shards) {
    for (const [name, tensor] of readSafetensors(join(folder, shard))) {
      if (map[name] !== undefined && map[name] !== shard) continue; // the index says where a tensor is read
      tensors.set(name, tensor);
    }
  }
  const missing = Object.keys(map).filter((name) => !tensors.has(name));
  if (missing.length)
    throw new Error(`${index} names tensors that its shards lack: ${missing.slice(0, 5).join(', ')}`);
  return tensors;
}

const largestIndex = 100e6; // bytes

function weightMap(index: string): Record<string, string> {
  const map = (readJsonFile(index, largestIndex) as { weight_map?: unknown } | null)?.weight_map;
  if (
    typeof map !== 'object' ||
    map === null ||
    !Object.values(map).every((shard) => typeof shard === 'string')
  ) {
    throw new Error(`${index} has no weight_map from tensor names to files`);
  }
  return map as Record<string, string>;
}
