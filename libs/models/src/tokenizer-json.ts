import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import type { Tokenizer } from './tokenizer.js';

/** The tokenizer of a Hugging Face folder (tokenizer.json, and tokenizer_config.json where there is one). */
export function loadTokenizer(folder: string): Tokenizer {
  const path = join(folder, 'tokenizer.json');
  if (!existsSync(path)) throw new Error(`${folder} has no tokenizer.json`);
  const text = readFileSync(path, 'utf8');
  const configPath = join(folder, 'tokenizer_config.json');
  const config = existsSync(configPath) ? (JSON.parse(readFileSync(configPath, 'utf8')) as object) : {};
  const tokenizer = new HuggingFaceTokenizer(JSON.parse(text) as object, config);
  const idOf = (token: string): number => {
    const id = tokenizer.token_to_id(token);
    if (id === undefined) throw new Error(`the tokenizer of ${folder} has no token ${token}`);
    return id;
  };
  const encodePlain = (s: string): number[] => tokenizer.encode(s, { add_special_tokens: false }).ids;
  const specials = tokenizer.encode('').ids.length;
  return {
    padId: tokenizer.token_to_id('<pad>') ?? tokenizer.token_to_id('[PAD]') ?? 0,
    hash: createHash('sha256').update(text).digest('hex'),
    encodePlain,
    idOf,
    encode(s, maxLength) {
      const { ids } = tokenizer.encode(s);
      if (maxLength === undefined || ids.length <= maxLength) return ids;
      return truncated(ids, maxLength, specials);
    },
    decode: (ids) => (ids.length === 0 ? '' : tokenizer.decode([...ids], { skip_special_tokens: true })),
  };
}

/** BERT closes with [SEP], T5 with </s>: the last id is kept, whatever opens the text stays in front. */
function truncated(ids: number[], maxLength: number, specials: number): number[] {
  return specials === 0 ? ids.slice(0, maxLength) : [...ids.slice(0, maxLength - 1), ids.at(-1)!];
}
