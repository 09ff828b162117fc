import type { ModelSize } from '#contracts/backbone.js';
import { HostRandom } from '#engine/host-random.js';
import { Gpt2Config, gpt2Shapes } from './gpt2/gpt2-config.js';
import { LlamaConfig, llamaShapes } from './llama/llama-config.js';
import { initT5, t5ConfigOf } from './t5/init.js';
import type { Tokenizer } from './tokenizer.js';
import type { StoredTensor } from './weights/safetensors.js';

/** A model before it has learnt anything. */
export interface NewModel {
  config: object; // config.json
  weights: ReadonlyMap<string, StoredTensor>;
}

/** A model of this size with random weights, for the tokens of this tokenizer. Throws an Error where that
 *  lacks a token that the family needs. */
export function newModel(size: ModelSize, tokenizer: Tokenizer, seed: number): NewModel {
  switch (size.family) {
    case 't5': {
      const config = t5ConfigOf(size, padded(tokenizer.idOf('<extra_id_0>') + 1)); // T5's last piece
      return { config, weights: initT5(config, seed) };
    }
    case 'gpt2': {
      const config = Gpt2Config.parse({
        model_type: 'gpt2',
        vocab_size: padded(tokenizer.size),
        n_positions: size.positions,
        n_embd: size.dModel,
        n_layer: size.layers,
        n_head: size.heads,
        ...(size.dFf !== null && { n_inner: size.dFf }),
        tie_word_embeddings: size.tiedHead,
        eos_token_id: endOf(tokenizer),
      });
      return { config, weights: random(gpt2Shapes(config), seed, (name) => gpt2Deviation(config, name)) };
    }
    case 'llama': {
      const config = LlamaConfig.parse({
        model_type: 'llama',
        vocab_size: padded(tokenizer.size),
        hidden_size: size.dModel,
        intermediate_size: size.dFf,
        num_hidden_layers: size.layers,
        num_attention_heads: size.heads,
        num_key_value_heads: size.kvHeads ?? size.heads,
        max_position_embeddings: size.positions,
        tie_word_embeddings: size.tiedHead,
        eos_token_id: endOf(tokenizer),
      });
      return { config, weights: random(llamaShapes(config), seed, llamaDeviation) };
    }
  }
}

const padded = (words: number): number => Math.ceil(words / 64) * 64;

const ends = ['</s>', '<|endoftext|>', '<|end_of_text|>', '<|im_end|>', '<eos>'];

/** The token that stands between documents. */
function endOf(tokenizer: Tokenizer): number {
  for (const end of ends) {
    try {
      return tokenizer.idOf(end);
    } catch {
      continue;
    }
  }
  throw new Error(`the tokenizer has no end of a text; expected one of ${ends.join(', ')}`);
}

const standard = 0.02; // initializer_range of transformers

/** N(0, 0.02²), of what goes back into the residual stream less by the root of how often that happens
 *  (Radford et al. 2019 §2.3), as transformers' GPT2PreTrainedModel has it. Norms begin at 1, biases at 0. */
function gpt2Deviation({ n_layer }: Gpt2Config, name: string): number | 'ones' | 'zeros' {
  if (name.endsWith('.bias')) return 'zeros';
  if (/\.ln_(1|2|f)\./.test(name)) return 'ones';
  return name.endsWith('c_proj.weight') ? standard / Math.sqrt(2 * n_layer) : standard;
}

/** N(0, 0.02²); norms begin at 1. As transformers' LlamaPreTrainedModel has it. */
const llamaDeviation = (name: string): number | 'ones' => (name.endsWith('norm.weight') ? 'ones' : standard);

function random(
  shapes: Readonly<Record<string, number[]>>,
  seed: number,
  deviationOf: (name: string) => number | 'ones' | 'zeros',
): Map<string, StoredTensor> {
  return new Map(
    Object.entries(shapes).map(([name, shape]) => {
      const [source, deviation] = [new HostRandom(seed, name), deviationOf(name)];
      const size = shape.reduce((a, b) => a * b, 1);
      const value = () => {
        if (typeof deviation === 'string') return deviation === 'ones' ? 1 : 0;
        return deviation * source.normal();
      };
      return [name, { shape, values: Float32Array.from({ length: size }, value) }];
    }),
  );
}
