/** Which files of a model's or a tokenizer's folder are read; what else lies there (other formats, pictures)
 *  is no part of it. names: paths below the folder, with "/". */
export function modelFiles(names: readonly string[]): string[] {
  const beside = names.filter(
    (name) => json.test(name) || besideTokenizer.has(name) || name === '1_Pooling/config.json',
  );
  if (!names.includes('config.json')) return ordered([...beside, ...names.filter(isGguf)]);
  const shards = names.includes('model.safetensors')
    ? ['model.safetensors']
    : names.filter((name) => shard.test(name));
  const tokenizer = names.includes('tokenizer.json') ? [] : names.filter(isGguf);
  return ordered([
    ...beside.filter((name) => shards[0] !== 'model.safetensors' || name !== indexFile),
    ...shards,
    ...tokenizer,
  ]);
}

/** The same of a folder that a tokenizer alone is read from. */
export function tokenizerFiles(names: readonly string[]): string[] {
  if (!names.includes('tokenizer.json')) return ordered(names.filter(isGguf));
  return ordered(names.filter((name) => tokenizerJson.has(name) || besideTokenizer.has(name)));
}

const indexFile = 'model.safetensors.index.json';
const json = /^[^/]+\.json$/;
const shard = /^[^/]+\.safetensors$/;
const tokenizerJson = new Set([
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
]);
const besideTokenizer = new Set(['spiece.model', 'vocab.txt', 'merges.txt']);
const isGguf = (name: string): boolean => /^[^/]+\.gguf$/.test(name);
const ordered = (names: readonly string[]): string[] => [...new Set(names)].toSorted();
