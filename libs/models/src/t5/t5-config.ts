import { z } from 'zod';
import type { OtherFields } from '../config/other-fields.js';
import { FeedForward, inputMaps } from './feed-forward.js';

/** What of a T5 config.json the forward pass depends on; v1.0 has ReLU and a tied head, v1.1 gated GELU and
 *  its own. transformers 4 tells them apart by tie_word_embeddings, transformers 5 by scale_decoder_outputs.
 */
export const T5Config = z.object({
  model_type: z.enum(['t5', 'mt5']),
  vocab_size: z.int().min(1),
  d_model: z.int().min(1),
  d_kv: z.int().min(1),
  d_ff: z.int().min(1),
  num_layers: z.int().min(1),
  num_decoder_layers: z.int().min(1).nullish(),
  num_heads: z.int().min(1),
  relative_attention_num_buckets: z.int().min(4).multipleOf(2).default(32),
  relative_attention_max_distance: z.int().min(2).default(128),
  layer_norm_epsilon: z.number().positive().default(1e-6),
  feed_forward_proj: FeedForward.default('relu'),
  dense_act_fn: z.string().optional(), // follows from feed_forward_proj, and so does the next
  is_gated_act: z.boolean().optional(),
  tie_word_embeddings: z.boolean().default(true),
  scale_decoder_outputs: z.boolean().optional(), // absent: as tie_word_embeddings
  pad_token_id: z.int().default(0),
  eos_token_id: z.int().default(1), // one: it is what an answer is trained to end with
  decoder_start_token_id: z.int().default(0),
});
export type T5Config = z.infer<typeof T5Config>;

/** mT5's class has other defaults. */
export const Mt5Config = T5Config.extend({
  model_type: z.literal('mt5'),
  feed_forward_proj: FeedForward.default('gated-gelu'),
  tie_word_embeddings: z.boolean().default(false),
});

export const t5Others: OtherFields = {
  irrelevant: {
    dropout_rate: 'of pretraining; methods have their own dropout',
    initializer_factor: 'all weights are read',
    is_encoder_decoder: 'the weights say whether there is a decoder',
    n_positions: 'positions are relative',
  },
  only: { forced_bos_token_id: [], forced_eos_token_id: [] },
  aliases: {
    hidden_size: 'd_model',
    num_attention_heads: 'num_heads',
    num_hidden_layers: 'num_layers',
    head_dim: 'd_kv',
  },
};

/** Whether final states are scaled by d_model^-0.5 before the head, as a tied head needs. */
export const scalesOutputs = (c: T5Config): boolean => c.scale_decoder_outputs ?? c.tie_word_embeddings;

export const decoderLayers = (c: T5Config): number => c.num_decoder_layers ?? c.num_layers;

/** Shapes of all tensors by their Hugging Face names. */
export function t5Shapes(c: T5Config): Record<string, number[]> {
  const shapes: Record<string, number[]> = { 'shared.weight': [c.vocab_size, c.d_model] };
  if (!c.tie_word_embeddings) shapes['lm_head.weight'] = [c.vocab_size, c.d_model];
  stackShapes(c, 'encoder', c.num_layers, shapes);
  stackShapes(c, 'decoder', decoderLayers(c), shapes);
  return shapes;
}

/** Likewise of a T5EncoderModel. */
export function t5EncoderShapes(c: T5Config): Record<string, number[]> {
  const shapes: Record<string, number[]> = { 'shared.weight': [c.vocab_size, c.d_model] };
  stackShapes(c, 'encoder', c.num_layers, shapes);
  return shapes;
}

function stackShapes(
  c: T5Config,
  stack: 'encoder' | 'decoder',
  layers: number,
  shapes: Record<string, number[]>,
): void {
  const inner = c.num_heads * c.d_kv;
  for (let l = 0; l < layers; l++) {
    const attention = (place: number, kind: string) => {
      const name = `${stack}.block.${l}.layer.${place}`;
      for (const part of ['q', 'k', 'v']) shapes[`${name}.${kind}.${part}.weight`] = [inner, c.d_model];
      shapes[`${name}.${kind}.o.weight`] = [c.d_model, inner];
      shapes[`${name}.layer_norm.weight`] = [c.d_model];
    };
    attention(0, 'SelfAttention');
    if (stack === 'decoder') attention(1, 'EncDecAttention');
    const place = stack === 'decoder' ? 2 : 1;
    const feedForward = `${stack}.block.${l}.layer.${place}`;
    for (const part of inputMaps(c.feed_forward_proj)) {
      shapes[`${feedForward}.DenseReluDense.${part}.weight`] = [c.d_ff, c.d_model];
    }
    shapes[`${feedForward}.DenseReluDense.wo.weight`] = [c.d_model, c.d_ff];
    shapes[`${feedForward}.layer_norm.weight`] = [c.d_model];
  }
  shapes[`${stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`] = [
    c.relative_attention_num_buckets,
    c.num_heads,
  ];
  shapes[`${stack}.final_layer_norm.weight`] = [c.d_model];
}
