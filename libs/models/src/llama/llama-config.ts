import { z } from 'zod';

const Rope = z.looseObject({
  rope_theta: z.number().positive().optional(),
  rope_type: z.enum(['default', 'linear'], 'expected "default" or "linear"').default('default'),
  factor: z.number().positive().default(1),
});

/** What of a LLaMA config.json the forward pass depends on. transformers 4 has rope_theta and rope_scaling, 5 has rope_parameters. */
export const LlamaConfig = z
  .object({
    model_type: z.literal('llama'),
    vocab_size: z.int().min(1),
    hidden_size: z.int().min(1),
    intermediate_size: z.int().min(1),
    num_hidden_layers: z.int().min(1),
    num_attention_heads: z.int().min(1),
    num_key_value_heads: z.int().min(1).nullish(), // absent: as many as there are heads
    head_dim: z.int().min(2).multipleOf(2).nullish(), // absent: hidden_size / heads
    max_position_embeddings: z.int().min(1).default(2048),
    hidden_act: z.enum(['silu', 'gelu', 'relu']).default('silu'),
    rms_norm_eps: z.number().positive().default(1e-6),
    rope_theta: z.number().positive().default(10_000),
    rope_scaling: Rope.nullish(),
    rope_parameters: Rope.nullish(),
    attention_bias: z.boolean().default(false),
    mlp_bias: z.boolean().default(false),
    tie_word_embeddings: z.boolean().default(false),
    eos_token_id: z.union([z.int(), z.array(z.int()).min(1)]).default(2),
  })
  .check(({ value: c, issues }) => {
    const kv = c.num_key_value_heads ?? c.num_attention_heads;
    const wrong = (message: string) => issues.push({ code: 'custom', message, input: c });
    if (c.num_attention_heads % kv !== 0)
      wrong(`num_attention_heads ${c.num_attention_heads} is no multiple of num_key_value_heads ${kv}`);
    if (!c.head_dim && c.hidden_size % (2 * c.num_attention_heads) !== 0)
      wrong(`hidden_size ${c.hidden_size} is no even multiple of num_attention_heads ${c.num_attention_heads}`);
  });
export type LlamaConfig = z.infer<typeof LlamaConfig>;

/** Sizes that follow from the config. */
export function llamaSizes(c: LlamaConfig) {
  const rope = c.rope_parameters ?? c.rope_scaling;
  return {
    heads: c.num_attention_heads,
    kvHeads: c.num_key_value_heads ?? c.num_attention_heads,
    headDim: c.head_dim ?? c.hidden_size / c.num_attention_heads,
    theta: rope?.rope_theta ?? c.rope_theta,
    stretch: rope?.rope_type === 'linear' ? rope.factor : 1, // positions are divided by it
  };
}

/** Shapes of all tensors by their Hugging Face names. */
export function llamaShapes(c: LlamaConfig): Record<string, number[]> {
  const d = c.hidden_size;
  const { heads, kvHeads, headDim } = llamaSizes(c);
  const shapes: Record<string, number[]> = { 'model.embed_tokens.weight': [c.vocab_size, d], 'model.norm.weight': [d] };
  const linear = (name: string, outputs: number, inputs: number, bias: boolean) => {
    shapes[`${name}.weight`] = [outputs, inputs];
    if (bias) shapes[`${name}.bias`] = [outputs];
  };
  for (let l = 0; l < c.num_hidden_layers; l++) {
    const layer = `model.layers.${l}`;
    shapes[`${layer}.input_layernorm.weight`] = [d];
    shapes[`${layer}.post_attention_layernorm.weight`] = [d];
    linear(`${layer}.self_attn.q_proj`, heads * headDim, d, c.attention_bias);
    for (const part of ['k_proj', 'v_proj']) linear(`${layer}.self_attn.${part}`, kvHeads * headDim, d, c.attention_bias);
    linear(`${layer}.self_attn.o_proj`, d, heads * headDim, c.attention_bias);
    for (const part of ['gate_proj', 'up_proj']) linear(`${layer}.mlp.${part}`, c.intermediate_size, d, c.mlp_bias);
    linear(`${layer}.mlp.down_proj`, d, c.intermediate_size, c.mlp_bias);
  }
  if (!c.tie_word_embeddings) shapes['lm_head.weight'] = [c.vocab_size, d];
  return shapes;
}
