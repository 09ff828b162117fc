import { z } from 'zod';
import { Activation } from '../activation.js';
import type { OtherFields } from '../config/other-fields.js';

/** Learned positions begin at row 2. */
export const positionOffset = 2;

const divides = (d: number, heads: number) => d % heads === 0;

/** What of a BART config.json forward pass and generation depend on. */
export const BartConfig = z
  .object({
    model_type: z.literal('bart'),
    vocab_size: z.int().min(1),
    d_model: z.int().min(1),
    encoder_layers: z.int().min(1),
    decoder_layers: z.int().min(1),
    encoder_attention_heads: z.int().min(1),
    decoder_attention_heads: z.int().min(1),
    encoder_ffn_dim: z.int().min(1),
    decoder_ffn_dim: z.int().min(1),
    max_position_embeddings: z.int().min(1),
    activation_function: Activation.default('gelu'),
    scale_embedding: z.boolean().default(false),
    tie_word_embeddings: z.literal(true, 'expected true: BART shares its embeddings').default(true),
    bos_token_id: z.int().nullish(),
    eos_token_id: z.int().default(2),
    decoder_start_token_id: z.int().default(2),
    forced_bos_token_id: z.int().nullish(),
    force_bos_token_to_be_generated: z.boolean().nullish(), // an older way to say forced_bos_token_id
    forced_eos_token_id: z.int().nullable().default(2),
  })
  .refine(
    (c) => divides(c.d_model, c.encoder_attention_heads) && divides(c.d_model, c.decoder_attention_heads),
    {
      message: 'd_model is no multiple of encoder_attention_heads or decoder_attention_heads',
    },
  );
export type BartConfig = z.infer<typeof BartConfig>;

/** The token that a text begins with, whatever its logits are; undefined where none is forced. */
export const forcedFirst = (c: BartConfig): number | undefined =>
  c.forced_bos_token_id ?? (c.force_bos_token_to_be_generated ? (c.bos_token_id ?? 0) : undefined);

export const bartOthers: OtherFields = {
  irrelevant: {
    dropout: 'of pretraining; methods have their own dropout',
    attention_dropout: 'of pretraining; methods have their own dropout',
    activation_dropout: 'of pretraining; methods have their own dropout',
    encoder_layerdrop: 'of pretraining',
    decoder_layerdrop: 'of pretraining',
    classif_dropout: 'of heads that are not loaded',
    init_std: 'all weights are read',
  },
  only: {
    is_encoder_decoder: [true],
    // fields that transformers had before version 4, at the values that it has assumed since
    add_bias_logits: [false],
    add_final_layer_norm: [false],
    normalize_before: [false],
    normalize_embedding: [true],
    static_position_embeddings: [false],
    extra_pos_embeddings: [positionOffset],
  },
  aliases: {
    hidden_size: 'd_model',
    num_attention_heads: 'encoder_attention_heads',
    num_hidden_layers: 'encoder_layers',
  },
};

/** Shapes of all tensors by their Hugging Face names. */
export function bartShapes(c: BartConfig): Record<string, number[]> {
  const d = c.d_model;
  const shapes: Record<string, number[]> = {
    'model.shared.weight': [c.vocab_size, d],
    final_logits_bias: [1, c.vocab_size],
  };
  const module = (name: string, weight: number[]) => {
    shapes[`${name}.weight`] = weight;
    shapes[`${name}.bias`] = [weight[0]!];
  };
  const attention = (name: string) => {
    for (const part of ['q_proj', 'k_proj', 'v_proj', 'out_proj']) module(`${name}.${part}`, [d, d]);
    module(`${name}_layer_norm`, [d]);
  };
  for (const stack of ['encoder', 'decoder'] as const) {
    shapes[`model.${stack}.embed_positions.weight`] = [c.max_position_embeddings + positionOffset, d];
    module(`model.${stack}.layernorm_embedding`, [d]);
    for (let l = 0; l < c[`${stack}_layers`]; l++) {
      const layer = `model.${stack}.layers.${l}`;
      attention(`${layer}.self_attn`);
      if (stack === 'decoder') attention(`${layer}.encoder_attn`);
      module(`${layer}.fc1`, [c[`${stack}_ffn_dim`], d]);
      module(`${layer}.fc2`, [d, c[`${stack}_ffn_dim`]]);
      module(`${layer}.final_layer_norm`, [d]);
    }
  }
  return shapes;
}
