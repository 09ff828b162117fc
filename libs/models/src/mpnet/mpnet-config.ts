import { z } from 'zod';
import { Activation } from '../activation.js';
import type { OtherFields } from '../config/other-fields.js';
import { type AttentionNames, postNormShapes } from '../post-norm/encoder.js';

/** What of an MPNet config.json the forward pass depends on. */
export const MPNetConfig = z
  .object({
    vocab_size: z.int().min(1),
    hidden_size: z.int().min(1),
    num_hidden_layers: z.int().min(1),
    num_attention_heads: z.int().min(1),
    intermediate_size: z.int().min(1),
    max_position_embeddings: z.int().min(3),
    layer_norm_eps: z.number().positive().default(1e-12),
    hidden_act: Activation.default('gelu'),
    tie_word_embeddings: z.boolean().default(true),
  })
  .refine((c) => c.hidden_size % c.num_attention_heads === 0, {
    error: ({ input }) => {
      const c = input as { hidden_size: number; num_attention_heads: number };
      return `hidden_size ${c.hidden_size} is no multiple of num_attention_heads ${c.num_attention_heads}`;
    },
  });
export type MPNetConfig = z.infer<typeof MPNetConfig>;

export const mpnetOthers: OtherFields = {
  irrelevant: {
    model_type: 'it chose this family',
    hidden_dropout_prob: 'of pretraining; methods have their own dropout',
    attention_probs_dropout_prob: 'of pretraining; methods have their own dropout',
    eos_token_id: 'of the tokenizer',
    decoder_start_token_id: 'it writes nothing',
    forced_bos_token_id: 'it writes nothing',
    forced_eos_token_id: 'it writes nothing',
  },
  only: {
    relative_attention_num_buckets: [32], // transformers computes 32 whatever the field says
    is_encoder_decoder: [false],
    is_causal: [false],
  },
};

/** The position of padding. transformers' MPNet has it at 1 whatever pad_token_id says, and a text begins
 *  behind it. */
export const paddingPosition = 1;

export const mostPositions = (c: MPNetConfig): number => c.max_position_embeddings - paddingPosition - 1;

/** Buckets of relative positions, and the distance from which all share the last one. */
export const relativePositions = { buckets: 32, maxDistance: 128 };

export const mpnetNames: AttentionNames = {
  query: 'attention.attn.q',
  key: 'attention.attn.k',
  value: 'attention.attn.v',
  output: 'attention.attn.o',
  norm: 'attention.LayerNorm',
};

/** Shapes of the encoder's tensors by their Hugging Face names (without the "mpnet." that checkpoints with a
 *  head put in front). */
export function mpnetShapes(c: MPNetConfig): Record<string, number[]> {
  const d = c.hidden_size;
  return {
    'embeddings.word_embeddings.weight': [c.vocab_size, d],
    'embeddings.position_embeddings.weight': [c.max_position_embeddings, d],
    'encoder.relative_attention_bias.weight': [relativePositions.buckets, c.num_attention_heads],
    ...postNormShapes(c, mpnetNames),
  };
}
