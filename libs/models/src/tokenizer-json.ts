import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { bytePlaces, wordPiecePlaces } from './token-places.js';
import { ggufFile } from './gguf/gguf-model.js';
import { ggufTokenizer } from './gguf/gguf-tokenizer.js';
import { readGgufMetadata } from './gguf/gguf.js';
import { pairsOf } from './pairs.js';
import type { Tokenizer } from './tokenizer.js';
import { boundedBy, ownPatterns } from './tokenizer-time.js';
import { isThere, parsedJson, readJsonFile, readTextFile } from './weights/regular-file.js';

const padTokens = ['<pad>', '[PAD]'];
const endTokens = ['<|endoftext|>'];

/** The tokenizer of a Hugging Face folder (tokenizer.json, and tokenizer_config.json where there is one), or
 *  of its GGUF file. Truncation and padding that the file asks for are left to the caller. Decoders without a
 *  padding token pad with their end, as is usual. Throws where it is missing or broken, or where no token can
 *  pad. */
export function loadTokenizer(folder: string): Tokenizer {
  const { path, json, config, bytes } = tokenizerFiles(folder);
  const bounded = boundedBy(ownPatterns(json), path);
  const tokenizer = made(path, json, config);
  const named = [config.pad_token, ...padTokens, config.eos_token, ...endTokens].map(contentOf);
  const pad = named.find((token) => token !== undefined && tokenizer.token_to_id(token) !== undefined);
  if (pad === undefined) throw new Error(`${path} has no padding token (${padTokens.join(' or ')})`);
  const idOf = (token: string): number => {
    const id = tokenizer.token_to_id(token);
    if (id === undefined) throw new Error(`the tokenizer of ${folder} has no token ${token}`);
    return id;
  };
  const encodePlain = (text: string): number[] =>
    bounded(text.length, () => tokenizer.encode(text, { add_special_tokens: false }).ids);
  const { before, after } = specialTokens(
    bounded(1, () => tokenizer.encode('a').ids),
    encodePlain('a'),
  );
  const pair = bounded(1, () => tokenizer.encode('a', { text_pair: 'a', return_token_type_ids: true }));
  const types = pair.token_type_ids ?? pair.ids.map(() => 0); // without a post-processor there are none
  const pairs = pairsOf({ ids: pair.ids, types }, encodePlain('a'));
  const { model, pre_tokenizer: cut } = json as { model?: { unk_token?: string }; pre_tokenizer?: unknown };
  const byteLevel = JSON.stringify(cut ?? null).includes('"ByteLevel"');
  const unknown = model?.unk_token ?? '[UNK]';
  const encode = (text: string, maxLength: number, behind: number[]): number[] => {
    const room = Math.max(0, maxLength - before.length - behind.length);
    return [...before, ...encodePlain(text).slice(0, room), ...behind];
  };
  return {
    padId: idOf(pad),
    size: 1 + largest(tokenizer.get_vocab().values()),
    hash: createHash('sha256').update(bytes).digest('hex'),
    ...(pairs && { pairs }),
    encodePlaced(text) {
      const { ids, tokens } = bounded(text.length, () =>
        tokenizer.encode(text, { add_special_tokens: false }),
      );
      const places = byteLevel ? bytePlaces(text, tokens, unknown) : wordPiecePlaces(text, tokens, unknown);
      return { ids, ...places };
    },
    encodePlain,
    idOf,
    tokenOf: (id) => tokenizer.id_to_token(id),
    encode: (text, maxLength = Infinity) => encode(text, maxLength, after),
    encodeOpen: (text, maxLength = Infinity) => encode(text, maxLength, []),
    decode: (ids) =>
      ids.length === 0
        ? ''
        : bounded(ids.length, () => tokenizer.decode([...ids], { skip_special_tokens: true })),
  };
}

function made(path: string, json: object, config: TokenizerConfig): HuggingFaceTokenizer {
  try {
    return new HuggingFaceTokenizer(json, config);
  } catch (cause) {
    throw new Error(`${path} is no tokenizer that is known here: ${(cause as Error).message}`, { cause });
  }
}

/** Vocabularies have more ids than a call takes arguments. */
function largest(ids: Iterable<number>): number {
  let most = -1;
  for (const id of ids) if (id > most) most = id;
  return most;
}

const largestFile = 100e6; // bytes

interface TokenizerConfig {
  pad_token?: unknown;
  eos_token?: unknown;
}

function tokenizerFiles(folder: string): {
  path: string;
  json: object;
  config: TokenizerConfig;
  bytes: string;
} {
  const path = join(folder, 'tokenizer.json');
  if (isThere(path)) {
    const configPath = join(folder, 'tokenizer_config.json');
    const config = isThere(configPath) ? (readJsonFile(configPath, largestFile) as TokenizerConfig) : {};
    const bytes = readTextFile(path, largestFile);
    return { path, json: parsedJson(bytes, path) as object, config, bytes };
  }
  const gguf = ggufFile(folder);
  if (!gguf) throw new Error(`${folder} has no tokenizer.json`);
  const { json, config } = ggufTokenizer(gguf, readGgufMetadata(gguf));
  return { path: gguf, json, config, bytes: JSON.stringify(json) };
}

/** A token is written as its text, or as an object that holds it. */
function contentOf(token: unknown): string | undefined {
  const content =
    typeof token === 'object' && token !== null ? (token as { content?: unknown }).content : token;
  return typeof content === 'string' ? content : undefined;
}

/** What the post-processor puts around a text, seen on a short one: `whole` with special tokens, `plain`
 *  without. */
function specialTokens(whole: number[], plain: number[]): { before: number[]; after: number[] } {
  const start = whole.findIndex((_, i) => plain.every((id, j) => whole[i + j] === id));
  if (plain.length === 0 || start < 0) throw new Error('the tokenizer gives no token for the text "a"');
  return { before: whole.slice(0, start), after: whole.slice(start + plain.length) };
}
