/** LLaMA out of a GGUF file, as transformers would have it: names, order of rows, config. */
import { readdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredTensor } from '../weights/safetensors.js';
import { type Gguf, type GgufValue, readGguf } from './gguf.js';

/** The folder's GGUF file; undefined where there is none, an Error where there are several. */
export function ggufFile(folder: string): string | undefined {
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.gguf')) : [];
  if (files.length > 1) throw new Error(`${folder} has several GGUF files: ${files.join(', ')}`);
  return files[0] === undefined ? undefined : join(folder, files[0]);
}

/** The config.json that the metadata amounts to, and the tensors by their Hugging Face names. */
export function readGgufModel(path: string): { config: object; tensors: Map<string, StoredTensor> } {
  const gguf = readGguf(path);
  const architecture = gguf.metadata.get('general.architecture');
  if (architecture !== 'llama')
    throw new Error(`${path} is of architecture ${JSON.stringify(architecture)}; known is "llama"`);
  const config = llamaConfig(path, gguf);
  const tensors = new Map<string, StoredTensor>();
  checkFrequencies(path, gguf);
  for (const [name, tensor] of gguf.tensors) {
    const hf = hfName(name);
    if (hf === undefined) continue;
    const heads = name.endsWith('.attn_q.weight') ? config.num_attention_heads : config.num_key_value_heads;
    tensors.set(hf, /\.attn_[qk]\.weight$/.test(name) ? unpermuted(tensor, heads) : tensor);
  }
  return { config, tensors };
}

/** LLaMA 3's scaling is written as a factor for each frequency, and in no metadata. */
function checkFrequencies(path: string, { tensors }: Gguf): void {
  const factors = tensors.get('rope_freqs.weight')?.values;
  if (factors?.some((factor) => factor !== 1))
    throw new Error(
      `${path} scales its rotary positions by rope_freqs.weight, which is not read here; take the Hugging Face folder`,
    );
}

function llamaConfig(path: string, { metadata, tensors }: Gguf) {
  const number = (key: string, otherwise?: number): number => {
    const value = metadata.get(key) ?? otherwise;
    if (typeof value === 'number') return value;
    throw new Error(`${path} has no number ${key} in its metadata`);
  };
  const heads = number('llama.attention.head_count');
  const kvHeads = number('llama.attention.head_count_kv', heads);
  const width = number('llama.embedding_length');
  if (metadata.has('llama.rope.scaling.type') && metadata.get('llama.rope.scaling.type') !== 'none')
    throw new Error(
      `${path} scales its rotary positions by "${String(metadata.get('llama.rope.scaling.type'))}"; expected none`,
    );
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size:
      tensors.get('token_embd.weight')?.shape[0] ?? listOf(metadata, 'tokenizer.ggml.tokens').length,
    hidden_size: width,
    intermediate_size: number('llama.feed_forward_length'),
    num_hidden_layers: number('llama.block_count'),
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    head_dim: number('llama.attention.key_length', width / heads),
    max_position_embeddings: number('llama.context_length'),
    rms_norm_eps: Number(number('llama.attention.layer_norm_rms_epsilon').toPrecision(7)), // a float32
    rope_theta: number('llama.rope.freq_base', 10_000),
    tie_word_embeddings: !tensors.has('output.weight'),
    bos_token_id: number('tokenizer.ggml.bos_token_id', 1),
    eos_token_id: number('tokenizer.ggml.eos_token_id', 2),
  };
}

export function listOf(metadata: ReadonlyMap<string, GgufValue>, key: string): GgufValue[] {
  const value = metadata.get(key);
  if (!Array.isArray(value)) throw new Error(`the GGUF metadata has no list ${key}`);
  return value;
}

const plain: Record<string, string> = {
  'token_embd.weight': 'model.embed_tokens.weight',
  'output_norm.weight': 'model.norm.weight',
  'output.weight': 'lm_head.weight',
};

const inLayer: Record<string, string> = {
  attn_norm: 'input_layernorm',
  ffn_norm: 'post_attention_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
};

/** Undefined: all are 1. A name that is not known is kept, for the tensor check to list. */
function hfName(name: string): string | undefined {
  if (name === 'rope_freqs.weight') return undefined;
  const [, layer, part = '', kind] = /^blk\.(\d+)\.(\w+)\.(weight|bias)$/.exec(name) ?? [];
  return layer !== undefined && Object.hasOwn(inLayer, part)
    ? `model.layers.${layer}.${inLayer[part]}.${kind}`
    : (plain[name] ?? name);
}

/** llama.cpp turns neighbouring rows of a head together, Hugging Face a head's halves: rows (h, i, half) ->
 *  (h, half, i). */
function unpermuted(stored: StoredTensor, heads: number): StoredTensor {
  const { shape } = stored;
  const [rows = 0, width = 0] = shape;
  const perHead = rows / heads;
  return {
    shape,
    get values() {
      const values = stored.values as Float32Array;
      const out = new Float32Array(values.length);
      for (let row = 0; row < rows; row++) {
        const within = row % perHead;
        const target = row - within + (within % 2) * (perHead / 2) + Math.floor(within / 2);
        out.set(values.subarray(row * width, (row + 1) * width), target * width);
      }
      return out;
    },
  };
}
