import { z } from 'zod';
import { Activation } from '../activation.js';
import type { OtherFields } from '../config/other-fields.js';

/** What of a GPT-2 config.json the forward pass depends on. */
export const Gpt2Config = z
  .object({
    model_type: z.literal('gpt2'),
    vocab_size: z.int().min(1),
    n_positions: z.int().min(1).default(1024),
    n_embd: z.int().min(1),
    n_layer: z.int().min(1),
    n_head: z.int().min(1),
    n_inner: z.int().min(1).nullish(), // absent: 4 n_embd
    activation_function: Activation.default('gelu_new'),
    layer_norm_epsilon: z.number().positive().default(1e-5),
    scale_attn_weights: z.boolean().default(true),
    scale_attn_by_inverse_layer_idx: z.boolean().default(false),
    tie_word_embeddings: z.boolean().default(true),
    eos_token_id: z.union([z.int(), z.array(z.int()).min(1)]).default(50_256),
  })
  .refine((c) => c.n_embd % c.n_head === 0, {
    error: ({ input }) => {
      const c = input as { n_embd: number; n_head: number };
      return `n_embd ${c.n_embd} is no multiple of n_head ${c.n_head}`;
    },
  });
export type Gpt2Config = z.infer<typeof Gpt2Config>;

export const gpt2Others: OtherFields = {
  irrelevant: {
    resid_pdrop: 'of pretraining; methods have their own dropout',
    embd_pdrop: 'of pretraining; methods have their own dropout',
    attn_pdrop: 'of pretraining; methods have their own dropout',
    reorder_and_upcast_attn: 'attention is float32 in any case',
    is_decoder: 'it always is',
    summary_activation: 'of heads that are not loaded',
    summary_first_dropout: 'of heads that are not loaded',
    summary_proj_to_labels: 'of heads that are not loaded',
    summary_type: 'of heads that are not loaded',
    summary_use_proj: 'of heads that are not loaded',
    decoder_start_token_id: 'it has no decoder of its own',
  },
  only: { is_encoder_decoder: [false], is_causal: [true], forced_bos_token_id: [], forced_eos_token_id: [] },
  aliases: {
    n_ctx: 'n_positions',
    hidden_size: 'n_embd',
    max_position_embeddings: 'n_positions',
    num_attention_heads: 'n_head',
    num_hidden_layers: 'n_layer',
  },
};

/** Shapes of all tensors by their Hugging Face names; linear maps are Conv1D, [in, out]. */
export function gpt2Shapes(c: Gpt2Config): Record<string, number[]> {
  const d = c.n_embd;
  const inner = c.n_inner ?? 4 * d;
  const shapes: Record<string, number[]> = {
    'transformer.wte.weight': [c.vocab_size, d],
    'transformer.wpe.weight': [c.n_positions, d],
  };
  const module = (name: string, weight: number[]) => {
    shapes[`${name}.weight`] = weight;
    shapes[`${name}.bias`] = [weight.at(-1)!];
  };
  for (let l = 0; l < c.n_layer; l++) {
    const block = `transformer.h.${l}`;
    module(`${block}.ln_1`, [d]);
    module(`${block}.attn.c_attn`, [d, 3 * d]);
    module(`${block}.attn.c_proj`, [d, d]);
    module(`${block}.ln_2`, [d]);
    module(`${block}.mlp.c_fc`, [d, inner]);
    module(`${block}.mlp.c_proj`, [inner, d]);
  }
  module('transformer.ln_f', [d]);
  if (!c.tie_word_embeddings) shapes['lm_head.weight'] = [c.vocab_size, d];
  return shapes;
}
