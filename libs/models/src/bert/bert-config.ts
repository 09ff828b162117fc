import { z } from 'zod';
import { Activation } from '../activation.js';
import type { OtherFields } from '../config/other-fields.js';
import type { Modules } from '../modules.js';
import { type AttentionNames, postNormModules, postNormShapes } from '../post-norm/encoder.js';

/** What of a BERT or RoBERTa config.json the forward pass depends on. */
export const BertConfig = z
  .object({
    model_type: z.enum(['bert', 'roberta']),
    vocab_size: z.int().min(1),
    hidden_size: z.int().min(1),
    num_hidden_layers: z.int().min(1),
    num_attention_heads: z.int().min(1),
    intermediate_size: z.int().min(1),
    max_position_embeddings: z.int().min(1),
    type_vocab_size: z.int().min(1).default(2),
    layer_norm_eps: z.number().positive().default(1e-12),
    hidden_act: Activation.default('gelu'),
    pad_token_id: z.int().min(0).nullish(),
    tie_word_embeddings: z.boolean().default(true),
  })
  .refine((c) => c.hidden_size % c.num_attention_heads === 0, {
    error: ({ input }) => {
      const c = input as { hidden_size: number; num_attention_heads: number };
      return `hidden_size ${c.hidden_size} is no multiple of num_attention_heads ${c.num_attention_heads}`;
    },
  });
export type BertConfig = z.infer<typeof BertConfig>;

export const bertOthers: OtherFields = {
  irrelevant: {
    hidden_dropout_prob: 'of pretraining; methods have their own dropout',
    attention_probs_dropout_prob: 'of pretraining; methods have their own dropout',
    eos_token_id: 'of the tokenizer',
    decoder_start_token_id: 'it writes nothing',
    forced_bos_token_id: 'it writes nothing',
    forced_eos_token_id: 'it writes nothing',
  },
  only: {
    position_embedding_type: ['absolute'],
    is_encoder_decoder: [false],
    is_causal: [false],
  },
};

/** RoBERTa's texts begin at position padding id + 1. */
export const firstPosition = (c: BertConfig): number =>
  c.model_type === 'roberta' ? (c.pad_token_id ?? 1) + 1 : 0;

export const bertNames: AttentionNames = {
  query: 'attention.self.query',
  key: 'attention.self.key',
  value: 'attention.self.value',
  output: 'attention.output.dense',
  norm: 'attention.output.LayerNorm',
};

export const bertModules = (c: BertConfig): Modules => postNormModules(c, bertNames);

/** Shapes of the encoder's tensors by their Hugging Face names (without the "bert." or "roberta." that some
 *  checkpoints put in front). */
export function bertShapes(c: BertConfig): Record<string, number[]> {
  const d = c.hidden_size;
  return {
    'embeddings.word_embeddings.weight': [c.vocab_size, d],
    'embeddings.position_embeddings.weight': [c.max_position_embeddings, d],
    'embeddings.token_type_embeddings.weight': [c.type_vocab_size, d],
    ...postNormShapes(c, bertNames),
  };
}
