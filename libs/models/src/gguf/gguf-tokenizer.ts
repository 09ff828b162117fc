import { listOf } from './gguf-model.js';
import type { GgufValue } from './gguf.js';

/** The tokenizer.json and tokenizer_config.json that a GGUF file's metadata amounts to: byte-level BPE. */
export function ggufTokenizer(
  path: string,
  metadata: ReadonlyMap<string, GgufValue>,
): { json: object; config: { pad_token: string; eos_token: string } } {
  const model = metadata.get('tokenizer.ggml.model');
  if (model !== 'gpt2')
    throw new Error(
      `${path} has a tokenizer of model ${JSON.stringify(model)}; known is "gpt2" (byte-level BPE)`,
    );
  const tokens = listOf(metadata, 'tokenizer.ggml.tokens') as string[];
  const types = listOf(metadata, 'tokenizer.ggml.token_type') as number[];
  const added = tokens.flatMap((content, id) =>
    types[id] === control || types[id] === userDefined ? [{ id, content }] : [],
  );
  const token = (name: string, otherwise: string): string => {
    const id = metadata.get(`tokenizer.ggml.${name}_token_id`);
    return tokens[typeof id === 'number' ? id : -1] ?? otherwise;
  };
  const eos = token('eos', added[0]?.content ?? '');
  const bos = token('bos', eos);
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added.map(({ id, content }) => addedToken(id, content, types[id] === control)),
    normalizer: null,
    pre_tokenizer: preTokenizer(path, metadata.get('tokenizer.ggml.pre') ?? 'default'),
    post_processor:
      metadata.get('tokenizer.ggml.add_bos_token') === true ? startingWith(bos, tokens.indexOf(bos)) : null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(tokens.map((content, id) => [content, id])),
      merges: (listOf(metadata, 'tokenizer.ggml.merges') as string[]).map((pair) => pair.split(' ')),
    },
  };
  return { json, config: { pad_token: token('padding', eos), eos_token: eos } };
}

const control = 3;
const userDefined = 4;

function addedToken(id: number, content: string, special: boolean) {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special };
}

const byteLevel = (regex: boolean) => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: regex,
});
const digits = { type: 'Digits', individual_digits: true };
const llama3 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/** By llama.cpp's names. */
function preTokenizer(path: string, name: GgufValue): object {
  switch (name) {
    case 'default':
    case 'gpt-2':
      return byteLevel(true);
    case 'smollm':
      return { type: 'Sequence', pretokenizers: [digits, byteLevel(true)] };
    case 'llama-bpe': {
      const split = { type: 'Split', pattern: { Regex: llama3 }, behavior: 'Isolated', invert: false };
      return { type: 'Sequence', pretokenizers: [split, byteLevel(false)] };
    }
    default:
      throw new Error(
        `${path} splits text as "${String(name)}"; known are default, gpt-2, smollm and llama-bpe`,
      );
  }
}

function startingWith(token: string, id: number) {
  const special = { SpecialToken: { id: token, type_id: 0 } };
  return {
    type: 'TemplateProcessing',
    single: [special, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [special, { Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
    special_tokens: { [token]: { id: token, ids: [id], tokens: [token] } },
  };
}
