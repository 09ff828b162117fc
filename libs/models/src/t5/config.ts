import { z } from 'zod';
import type { Expected } from '../weights/expect.js';

/** config.json of a Hugging Face T5; names are theirs. v1.0 has feed_forward_proj "relu" and a tied head, v1.1 "gated-gelu" and an
 *  untied one. transformers 4 says so by tie_word_embeddings, transformers 5 by scale_decoder_outputs. */
export const T5Config = z.object({
  model_type: z.literal('t5'),
  vocab_size: z.int().min(1),
  d_model: z.int().min(1),
  d_kv: z.int().min(1),
  d_ff: z.int().min(1),
  num_layers: z.int().min(1),
  num_decoder_layers: z.int().min(1).nullish(),
  num_heads: z.int().min(1),
  relative_attention_num_buckets: z.int().min(4).default(32),
  relative_attention_max_distance: z.int().min(4).default(128),
  layer_norm_epsilon: z.number().positive().default(1e-6),
  feed_forward_proj: z.enum(['relu', 'gated-gelu']).default('relu'),
  tie_word_embeddings: z.boolean().default(true),
  scale_decoder_outputs: z.boolean().optional(),
  pad_token_id: z.int().min(0).default(0),
  eos_token_id: z.int().min(0).default(1),
  decoder_start_token_id: z.int().min(0).nullish(),
});
export type T5Config = z.infer<typeof T5Config>;

/** Whether the decoder's states are scaled by d_model^-0.5 before the head, as v1.0's tied head needs. */
export function scalesOutputs(c: T5Config): boolean {
  return c.scale_decoder_outputs ?? c.tie_word_embeddings;
}

export function decoderLayers(c: T5Config): number {
  return c.num_decoder_layers ?? c.num_layers;
}

/** Names and shapes of all weights; `untied`: with lm_head.weight. */
export function t5Weights(c: T5Config, untied: boolean): Expected[] {
  return [
    { name: 'shared.weight', shape: [c.vocab_size, c.d_model] },
    ...stackWeights(c, 'encoder', c.num_layers),
    ...stackWeights(c, 'decoder', decoderLayers(c)),
    ...(untied ? [{ name: 'lm_head.weight', shape: [c.vocab_size, c.d_model] }] : []),
  ];
}

function stackWeights(c: T5Config, stack: 'encoder' | 'decoder', layers: number): Expected[] {
  const norm = (name: string) => ({ name: `${name}layer_norm.weight`, shape: [c.d_model] });
  const blocks = Array.from({ length: layers }, (_, i) => {
    const at = `${stack}.block.${i}.layer`;
    const sublayers = [[norm(`${at}.0.`), ...attentionWeights(c, `${at}.0.SelfAttention`)]];
    if (stack === 'decoder') sublayers.push([norm(`${at}.1.`), ...attentionWeights(c, `${at}.1.EncDecAttention`)]);
    const last = `${at}.${sublayers.length}`;
    return [...sublayers.flat(), norm(`${last}.`), ...feedForwardWeights(c, `${last}.DenseReluDense`)];
  });
  const bias = {
    name: `${stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`,
    shape: [c.relative_attention_num_buckets, c.num_heads],
  };
  return [bias, ...blocks.flat(), norm(`${stack}.final_`)];
}

function attentionWeights(c: T5Config, at: string): Expected[] {
  const inner = c.num_heads * c.d_kv;
  return [
    ...['q', 'k', 'v'].map((name) => ({ name: `${at}.${name}.weight`, shape: [inner, c.d_model] })),
    { name: `${at}.o.weight`, shape: [c.d_model, inner] },
  ];
}

function feedForwardWeights(c: T5Config, at: string): Expected[] {
  const inner = c.feed_forward_proj === 'relu' ? ['wi'] : ['wi_0', 'wi_1'];
  return [
    ...inner.map((name) => ({ name: `${at}.${name}.weight`, shape: [c.d_ff, c.d_model] })),
    { name: `${at}.wo.weight`, shape: [c.d_model, c.d_ff] },
  ];
}
