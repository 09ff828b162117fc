/** T5's encoder and decoder, equal to transformers' T5ForConditionalGeneration without dropout. */
import * as tf from '@tensorflow/tfjs';
import { embedding } from '#engine/ops/embedding.js';
import { linear } from '#engine/ops/linear.js';
import type { Adaptation, Hidden } from '../adaptation.js';
import type { Memory } from '../heads.js';
import { weightOf } from '../linear-map.js';
import type { TokenBatch, Weights } from '../model.js';
import { decoderLayers, scalesOutputs, type T5Config } from './config.js';
import { attend, feedForward, keysAndValues, norm, residual, type Context } from './layers.js';
import { relativeBias } from './relative-bias.js';

/** Final encoder states. What the embeddings hook puts in front takes relative positions of its own. */
export function t5Encode(config: T5Config, weights: Weights, batch: TokenBatch, adaptation?: Adaptation): Hidden {
  const c = { config, weights, adaptation };
  const text = { states: embedding(weightOf(weights, 'shared.weight'), batch.ids) as tf.Tensor3D, mask: batch.mask };
  const { states, mask } = adaptation?.embeddings?.(text, 'encoder') ?? text;
  const length = states.shape[1];
  const bias = positionBias(c, 'encoder', { first: 0, queries: length, keys: length });
  let x = states;
  for (let layer = 0; layer < config.num_layers; layer++) {
    const at = `encoder.block.${layer}.layer`;
    const self = `${at}.0.SelfAttention`;
    x = residual(c, `${at}.0`, x, (h) =>
      attend(c, self, h, { memory: { ...keysAndValues(c, self, h), mask, bias }, site: { stack: 'encoder', kind: 'self', layer } }),
    );
    x = residual(c, `${at}.1`, x, (h) => feedForward(c, `${at}.1.DenseReluDense`, h));
  }
  return { states: norm(c, 'encoder.final_layer_norm', x), mask };
}

/** Logits [N, U, V] for decoder inputs [N, U]. */
export function t5Decode(
  config: T5Config,
  weights: Weights,
  encoded: Hidden,
  decoderIds: tf.Tensor2D,
  adaptation?: Adaptation,
): tf.Tensor3D {
  const c = { config, weights, adaptation };
  const { states } = decodeFrom(c, crossMemories(c, encoded), decoderIds);
  return logits(c, states);
}

/** What a decoder has seen: a layer's keys and values, and which positions count (none: all of them). */
export interface Past {
  layers: Pick<Memory, 'keys' | 'values'>[];
  mask: tf.Tensor2D | undefined;
  length: number;
}

/** Keys and values of the encoded text for every decoder layer's cross attention: computed once a text. */
export function crossMemories(c: Context, encoded: Hidden): Memory[] {
  return Array.from({ length: decoderLayers(c.config) }, (_, layer) => ({
    ...keysAndValues(c, `decoder.block.${layer}.layer.1.EncDecAttention`, encoded.states),
    mask: encoded.mask,
  }));
}

/** Final decoder states [N, U, D] of the ids that follow `past`, and the past that includes them. The embeddings hook acts at the
 *  start only; states of what it puts in front are dropped. */
export function decodeFrom(
  c: Context,
  cross: readonly Memory[],
  ids: tf.Tensor2D,
  past?: Past,
): { states: tf.Tensor3D; past: Past } {
  const tokens = embedding(weightOf(c.weights, 'shared.weight'), ids) as tf.Tensor3D;
  const input = past ? { states: tokens, mask: pastMask(past, ids) } : started(c, tokens);
  const first = past?.length ?? 0;
  const queries = input.states.shape[1];
  const bias = positionBias(c, 'decoder', { first, queries, keys: first + queries });
  const layers: Past['layers'] = [];
  let x = input.states;
  for (let layer = 0; layer < cross.length; layer++) {
    const at = `decoder.block.${layer}.layer`;
    x = residual(c, `${at}.0`, x, (h) => {
      const own = grown(past?.layers[layer], keysAndValues(c, `${at}.0.SelfAttention`, h));
      layers.push(own);
      const memory = { ...own, mask: input.mask, bias };
      return attend(c, `${at}.0.SelfAttention`, h, { memory, site: { stack: 'decoder', kind: 'self', layer }, causal: queries > 1 });
    });
    x = residual(c, `${at}.1`, x, (h) =>
      attend(c, `${at}.1.EncDecAttention`, h, { memory: cross[layer]!, site: { stack: 'decoder', kind: 'cross', layer } }),
    );
    x = residual(c, `${at}.2`, x, (h) => feedForward(c, `${at}.2.DenseReluDense`, h));
  }
  const states = norm(c, 'decoder.final_layer_norm', lastOf(x, ids.shape[1]));
  return { states, past: { layers, mask: input.mask, length: first + queries } };
}

/** [N, U, D] -> [N, U, V] by the untied head, or by the input embeddings. */
export function logits(c: Context, states: tf.Tensor3D): tf.Tensor3D {
  const scaled = scalesOutputs(c.config) ? tf.mul(states, c.config.d_model ** -0.5) : states;
  const head = c.weights['lm_head.weight'] ?? weightOf(c.weights, 'shared.weight');
  const y = linear(scaled, head, null, { transposed: true }) as tf.Tensor3D;
  return c.adaptation?.linear?.('lm_head', scaled as tf.Tensor3D, y) ?? y;
}

function started(c: Context, tokens: tf.Tensor3D): { states: tf.Tensor3D; mask: tf.Tensor2D | undefined } {
  if (!c.adaptation?.embeddings) return { states: tokens, mask: undefined };
  const mask = tf.ones([tokens.shape[0], tokens.shape[1]]) as tf.Tensor2D;
  return c.adaptation.embeddings({ states: tokens, mask }, 'decoder');
}

function pastMask(past: Past, ids: tf.Tensor2D): tf.Tensor2D | undefined {
  return past.mask && (tf.concat([past.mask, tf.ones(ids.shape)], 1) as tf.Tensor2D);
}

function grown(past: Past['layers'][number] | undefined, own: Past['layers'][number]): Past['layers'][number] {
  if (!past) return own;
  return { keys: tf.concat([past.keys, own.keys], 2), values: tf.concat([past.values, own.values], 2) };
}

function lastOf(x: tf.Tensor3D, count: number): tf.Tensor3D {
  const [n, length, d] = x.shape;
  return length === count ? x : tf.slice(x, [0, length - count, 0], [n, count, d]);
}

function positionBias(c: Context, stack: 'encoder' | 'decoder', span: { first: number; queries: number; keys: number }): tf.Tensor4D {
  const { relative_attention_num_buckets: count, relative_attention_max_distance: maxDistance } = c.config;
  const table = weightOf<tf.Tensor2D>(c.weights, `${stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`);
  return relativeBias(table, { count, maxDistance, bidirectional: stack === 'encoder' }, span);
}
