import { z } from 'zod';
import { Activation } from '../activation.js';
import type { OtherFields } from '../config/other-fields.js';
import { Rope } from './rope.js';

const fields = {
  vocab_size: z.int().min(1),
  hidden_size: z.int().min(1),
  intermediate_size: z.int().min(1),
  num_hidden_layers: z.int().min(1),
  num_attention_heads: z.int().min(1),
  num_key_value_heads: z.int().min(1).nullish(), // null: as many as there are heads
  head_dim: z.int().min(2).multipleOf(2).nullish(), // absent: hidden_size / heads
  max_position_embeddings: z.int().min(1).default(2048),
  hidden_act: Activation.default('silu'),
  rms_norm_eps: z.number().positive().default(1e-6),
  rope_theta: z.number().positive().default(10_000),
  rope_scaling: Rope.nullish(),
  rope_parameters: Rope.nullish(),
  tie_word_embeddings: z.boolean().default(false),
  eos_token_id: z.union([z.int(), z.array(z.int()).min(1)]).default(2),
};
const layerType = z.enum(['full_attention', 'sliding_attention']);

/** What of a LLaMA config.json the forward pass depends on. transformers 4 has rope_theta and rope_scaling, 5
 *  has rope_parameters. */
export const LlamaConfig = z.object({
  model_type: z.literal('llama'),
  ...fields,
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
});

/** Jiang et al. 2023. */
export const MistralConfig = z.object({
  model_type: z.literal('mistral'),
  ...fields,
  num_key_value_heads: fields.num_key_value_heads.default(8),
  max_position_embeddings: z.int().min(1).default(131_072),
  sliding_window: z.int().min(1).nullable().default(4096),
});

/** Yang et al. 2024. */
export const Qwen2Config = z.object({
  model_type: z.literal('qwen2'),
  ...fields,
  num_key_value_heads: fields.num_key_value_heads.default(32),
  max_position_embeddings: z.int().min(1).default(32_768),
  use_sliding_window: z.boolean().default(false),
  sliding_window: z.int().min(1).nullable().default(4096),
  max_window_layers: z.int().min(0).default(28),
  layer_types: z.array(layerType).nullish(),
  eos_token_id: z.union([z.int(), z.array(z.int()).min(1)]),
});

export type LlamaConfig =
  z.infer<typeof LlamaConfig> | z.infer<typeof MistralConfig> | z.infer<typeof Qwen2Config>;

export const llamaOthers: OtherFields = {
  irrelevant: {
    attention_dropout: 'of pretraining; methods have their own dropout',
    pretraining_tp: 'how a linear map is cut, and not what it computes',
    is_decoder: 'it always is',
    rope_interleaved: 'weights are in the order of halves',
    decoder_start_token_id: 'it has no decoder of its own',
  },
  only: {
    is_encoder_decoder: [false],
    is_causal: [true],
    use_bidirectional_attention: [false],
    forced_bos_token_id: [],
    forced_eos_token_id: [],
    original_max_position_embeddings: [], // expected within rope_scaling
    partial_rotary_factor: [1],
    // of relatives that call themselves llama, and compute something else
    attn_logit_softcapping: [],
    final_logit_softcapping: [],
    embedding_multiplier: [1],
    residual_multiplier: [1],
    attention_multiplier: [],
    logits_scaling: [1],
    logit_scale: [1],
    qk_layernorm: [false],
    use_qk_norm: [false],
    no_rope_layers: [[]],
  },
};
const fullLayers = { layer_types: [] };
export const othersOf: Record<LlamaConfig['model_type'], OtherFields> = {
  llama: { ...llamaOthers, only: { ...llamaOthers.only, ...fullLayers } },
  mistral: {
    ...llamaOthers,
    only: { ...llamaOthers.only, ...fullLayers, attention_bias: [false], mlp_bias: [false] },
  },
  qwen2: {
    ...llamaOthers,
    only: { ...llamaOthers.only, attention_bias: [true], mlp_bias: [false], use_mrope: [false] },
  },
};

/** Throws where sizes do not go together, or the file says twice, and differently, how positions turn. */
export function checkLlama(c: LlamaConfig, path: string): void {
  const { heads, kvHeads } = llamaSizes(c);
  const wrong = (message: string): never => {
    throw new Error(`${path}: ${message}`);
  };
  if (heads % kvHeads !== 0)
    wrong(`num_attention_heads ${heads} is no multiple of num_key_value_heads ${kvHeads}`);
  if (!c.head_dim && c.hidden_size % (2 * heads) !== 0)
    wrong(`hidden_size ${c.hidden_size} is no even multiple of num_attention_heads ${heads}`);
  const both = c.rope_scaling && c.rope_parameters;
  if (
    both &&
    JSON.stringify(withTheta(c, c.rope_scaling!)) !== JSON.stringify(withTheta(c, c.rope_parameters!))
  )
    wrong('rope_scaling and rope_parameters differ; expected one of them');
}

const withTheta = (c: LlamaConfig, rope: Rope) =>
  Object.entries({ rope_theta: c.rope_theta, ...rope, type: undefined }).toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );

/** Sizes that follow from the config. */
export function llamaSizes(c: LlamaConfig) {
  const rope = c.rope_parameters ?? c.rope_scaling ?? undefined;
  return {
    heads: c.num_attention_heads,
    kvHeads: c.num_key_value_heads ?? c.num_attention_heads,
    headDim: c.head_dim ?? c.hidden_size / c.num_attention_heads,
    theta: rope?.rope_theta ?? c.rope_theta,
    rope,
    maxPositions: c.max_position_embeddings,
  };
}

/** Which linear maps have a bias. */
export function llamaBiases(c: LlamaConfig): {
  queryKeyValue: boolean;
  attentionOutput: boolean;
  feedForward: boolean;
} {
  const own = c.model_type === 'llama';
  return {
    queryKeyValue: c.model_type === 'qwen2' || (own && c.attention_bias),
    attentionOutput: own && c.attention_bias,
    feedForward: own && c.mlp_bias,
  };
}

/** As far as a token looks back in the layers that look least far; null: to the first. */
export function windowOf(c: LlamaConfig): number | null {
  if (c.model_type === 'llama') return null;
  if (c.model_type === 'mistral') return c.sliding_window;
  const slides = c.layer_types?.includes('sliding_attention') ?? c.num_hidden_layers > c.max_window_layers;
  return c.use_sliding_window && slides ? c.sliding_window : null;
}

/** How long a text may be: within the window every token sees all before it, and longer texts are refused. */
export const longestText = (c: LlamaConfig): number =>
  Math.min(c.max_position_embeddings, windowOf(c) ?? Infinity);

/** Shapes of all tensors by their Hugging Face names. */
export function llamaShapes(c: LlamaConfig): Record<string, number[]> {
  const d = c.hidden_size;
  const { heads, kvHeads, headDim } = llamaSizes(c);
  const { queryKeyValue, attentionOutput, feedForward } = llamaBiases(c);
  const shapes: Record<string, number[]> = {
    'model.embed_tokens.weight': [c.vocab_size, d],
    'model.norm.weight': [d],
  };
  const linear = (name: string, outputs: number, inputs: number, bias: boolean) => {
    shapes[`${name}.weight`] = [outputs, inputs];
    if (bias) shapes[`${name}.bias`] = [outputs];
  };
  for (let l = 0; l < c.num_hidden_layers; l++) {
    const layer = `model.layers.${l}`;
    shapes[`${layer}.input_layernorm.weight`] = [d];
    shapes[`${layer}.post_attention_layernorm.weight`] = [d];
    linear(`${layer}.self_attn.q_proj`, heads * headDim, d, queryKeyValue);
    for (const part of ['k_proj', 'v_proj'])
      linear(`${layer}.self_attn.${part}`, kvHeads * headDim, d, queryKeyValue);
    linear(`${layer}.self_attn.o_proj`, d, heads * headDim, attentionOutput);
    for (const part of ['gate_proj', 'up_proj'])
      linear(`${layer}.mlp.${part}`, c.intermediate_size, d, feedForward);
    linear(`${layer}.mlp.down_proj`, d, c.intermediate_size, feedForward);
  }
  if (!c.tie_word_embeddings) shapes['lm_head.weight'] = [c.vocab_size, d];
  return shapes;
}
