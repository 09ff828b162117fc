import { z } from 'zod';

/** What of a T5 config.json the forward pass depends on; v1.0 has ReLU and a tied head, v1.1 gated GELU and its own. transformers 4
 *  tells them apart by tie_word_embeddings, transformers 5 by scale_decoder_outputs. */
export const T5Config = z.object({
  model_type: z.literal('t5'),
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
  feed_forward_proj: z.enum(['relu', 'gated-gelu']).default('relu'),
  tie_word_embeddings: z.boolean().default(true),
  scale_decoder_outputs: z.boolean().optional(), // absent: as tie_word_embeddings
  pad_token_id: z.int().default(0),
  eos_token_id: z.int().default(1),
  decoder_start_token_id: z.int().default(0),
});
export type T5Config = z.infer<typeof T5Config>;

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

function stackShapes(c: T5Config, stack: 'encoder' | 'decoder', layers: number, shapes: Record<string, number[]>): void {
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
    for (const part of c.feed_forward_proj === 'relu' ? ['wi'] : ['wi_0', 'wi_1']) {
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
