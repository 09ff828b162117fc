import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import type { Tokenizer } from './tokenizer.js';

const padTokens = ['<pad>', '[PAD]'];

/** The tokenizer of a Hugging Face folder (tokenizer.json, and tokenizer_config.json where there is one). Truncation and padding that
 *  the file asks for are left to the caller. Throws where it is missing or broken, or where no token pads. */
export function loadTokenizer(folder: string): Tokenizer {
  const path = join(folder, 'tokenizer.json');
  if (!existsSync(path)) throw new Error(`${folder} has no tokenizer.json`);
  const configPath = join(folder, 'tokenizer_config.json');
  const config = existsSync(configPath) ? readJson<{ pad_token?: unknown }>(configPath) : {};
  const tokenizer = new HuggingFaceTokenizer(readJson<object>(path), config);
  const named = typeof config.pad_token === 'string' ? [config.pad_token] : [];
  const pad = [...named, ...padTokens].find((token) => tokenizer.token_to_id(token) !== undefined);
  if (pad === undefined) throw new Error(`${path} has no padding token (${padTokens.join(' or ')})`);
  const idOf = (token: string): number => {
    const id = tokenizer.token_to_id(token);
    if (id === undefined) throw new Error(`the tokenizer of ${folder} has no token ${token}`);
    return id;
  };
  const encodePlain = (text: string): number[] => tokenizer.encode(text, { add_special_tokens: false }).ids;
  const { before, after } = specialTokens(tokenizer, encodePlain);
  return {
    padId: idOf(pad),
    size: 1 + Math.max(...tokenizer.get_vocab().values()),
    hash: createHash('sha256').update(readFileSync(path)).digest('hex'),
    encodePlain,
    idOf,
    encode(text, maxLength = Infinity) {
      const room = Math.max(0, maxLength - before.length - after.length);
      return [...before, ...encodePlain(text).slice(0, room), ...after];
    },
    decode: (ids) => (ids.length === 0 ? '' : tokenizer.decode([...ids], { skip_special_tokens: true })),
  };
}

function readJson<T>(path: string): T {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (cause) {
    throw new Error(`${path} is no JSON`, { cause });
  }
}

/** What the post-processor puts around a text, seen on a short one. */
function specialTokens(
  tokenizer: HuggingFaceTokenizer,
  encodePlain: (text: string) => number[],
): { before: number[]; after: number[] } {
  const plain = encodePlain('a');
  const whole: number[] = tokenizer.encode('a').ids;
  const start = whole.findIndex((_, i) => plain.every((id, j) => whole[i + j] === id));
  if (plain.length === 0 || start < 0) throw new Error('the tokenizer gives no token for the text "a"');
  return { before: whole.slice(0, start), after: whole.slice(start + plain.length) };
}
