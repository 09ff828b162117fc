/** T5's encoder and decoder (Raffel et al. 2020), equal to transformers' T5ForConditionalGeneration without
 *  dropout. */
import * as tf from '@tensorflow/tfjs';
import { embedding } from '#engine/ops/embedding.js';
import { linear } from '#engine/ops/linear.js';
import { type Adaptation, type AttentionSite, dropped, type Hidden } from '../adaptation.js';
import type { KeysAndValues, Memory } from '../heads.js';
import { weightOf } from '../linear-map.js';
import type { TokenBatch, Weights } from '../batch.js';
import { isCausal, joined, lastPositions, lookedAt, type Past } from '../past.js';
import { tokenRows } from '../token-rows.js';
import { attend, feedForward, keysAndValues, norm, residual, type Context } from './layers.js';
import { relativeBias, slottedBias } from './relative-position.js';
import { decoderLayers, scalesOutputs, type T5Config } from './t5-config.js';

/** Final encoder states. What the embeddings hook puts in front takes relative positions of its own. */
export function t5Encode(
  config: T5Config,
  weights: Weights,
  batch: TokenBatch,
  adaptation?: Adaptation,
): Hidden {
  const c = { config, weights, adaptation };
  const { begin, end } = adaptation ?? {};
  const { states, mask } = begin ? { states: begin.states, mask: batch.mask } : embedded(c, batch);
  const length = states.shape[1];
  const bias = positionBias(c, 'encoder', { queries: length, keys: length });
  let x = begin ? states : dropped(adaptation, 'encoder.embeddings', states);
  for (let layer = begin?.layer ?? 0; layer < (end ?? config.num_layers); layer++) {
    const at = `encoder.block.${layer}.layer`;
    const self = `${at}.0.SelfAttention`;
    x = residual(c, `${at}.0`, x, (h) => {
      const site = { stack: 'encoder', kind: 'self', layer } as const;
      const memory = { ...keysAndValues(c, self, h, site), mask, bias };
      return attend(c, self, h, { memory, site });
    });
    x = residual(c, `${at}.1`, x, (h) => feedForward(c, `${at}.1.DenseReluDense`, h));
  }
  const final = () => dropped(adaptation, 'encoder.final', norm(c, 'encoder.final_layer_norm', x));
  return { states: end === undefined ? final() : x, mask };
}

function embedded({ weights, adaptation }: Context, { ids, mask }: TokenBatch): Hidden {
  const text = { states: tokenRows(weightOf(weights, 'shared.weight'), ids, adaptation), mask };
  return adaptation?.embeddings?.(text, 'encoder', ids) ?? text;
}

/** Final states [N, U, D] for decoder inputs int32 [N, U] that were shifted right. */
export function t5DecoderStates(
  config: T5Config,
  weights: Weights,
  encoded: Hidden,
  decoderIds: tf.Tensor2D,
  adaptation?: Adaptation,
): tf.Tensor3D {
  const c = { config, weights, adaptation };
  return t5DecodeFrom(c, crossMemories(c, encoded), decoderIds).states;
}

/** Keys and values of the encoded text for each decoder layer's cross attention. */
export function crossMemories(c: Context, encoded: Hidden): Memory[] {
  return Array.from({ length: decoderLayers(c.config) }, (_, layer) => ({
    ...keysAndValues(c, `decoder.block.${layer}.layer.1.EncDecAttention`, encoded.states, crossSite(layer)),
    mask: encoded.mask,
  }));
}

const crossSite = (layer: number): AttentionSite => ({ stack: 'decoder', kind: 'cross', layer });

/** Final decoder states [N, U, D] of ids [N, U] that begin a text or take the slots of `past`, and what has
 *  been seen then. The embeddings hook acts at the start of a text only; the states of what it puts in front
 *  are dropped. */
export function t5DecodeFrom(
  c: Context,
  cross: readonly Memory[],
  ids: tf.Tensor2D,
  past?: Past,
): { states: tf.Tensor3D; past: Past } {
  const tokens = embedding(weightOf(c.weights, 'shared.weight'), ids) as tf.Tensor3D;
  const { states, mask } = past ? { states: tokens, mask: past.mask } : started(c, tokens, ids);
  const queries = states.shape[1];
  const bias = past ? biasInSlots(c, past) : positionBias(c, 'decoder', { queries, keys: queries });
  const layers: KeysAndValues[] = [];
  let x = dropped(c.adaptation, 'decoder.embeddings', states);
  for (const [layer, memory] of cross.entries()) {
    const at = `decoder.block.${layer}.layer`;
    x = residual(c, `${at}.0`, x, (h) => {
      const site = { stack: 'decoder', kind: 'self', layer } as const;
      const seen = joined(past, layer, keysAndValues(c, `${at}.0.SelfAttention`, h, site));
      layers.push(seen);
      return attend(c, `${at}.0.SelfAttention`, h, {
        memory: { ...lookedAt(past, seen, mask), bias },
        site,
        causal: isCausal(past, queries),
      });
    });
    x = residual(c, `${at}.1`, x, (h) =>
      attend(c, `${at}.1.EncDecAttention`, h, { memory, site: crossSite(layer) }),
    );
    x = residual(c, `${at}.2`, x, (h) => feedForward(c, `${at}.2.DenseReluDense`, h));
  }
  const final = norm(c, 'decoder.final_layer_norm', lastPositions(x, ids.shape[1]));
  return {
    states: dropped(c.adaptation, 'decoder.final', final),
    past: { layers, mask, length: past?.length ?? queries },
  };
}

/** Logits [N, U, V] of final decoder states; v1.0's are scaled by d_model^-0.5. */
export function t5Logits(c: Context, states: tf.Tensor3D): tf.Tensor3D {
  const scaled = scalesOutputs(c.config) ? tf.mul(states, c.config.d_model ** -0.5) : states;
  const head = weightOf(c.weights, c.config.tie_word_embeddings ? 'shared.weight' : 'lm_head.weight');
  const y = linear(scaled, head, null, { transposed: true }) as tf.Tensor3D;
  return c.adaptation?.linear?.('lm_head', scaled as tf.Tensor3D, y) ?? y;
}

function started(
  c: Context,
  tokens: tf.Tensor3D,
  ids: tf.Tensor2D,
): { states: tf.Tensor3D; mask: tf.Tensor2D | undefined } {
  if (!c.adaptation?.embeddings) return { states: tokens, mask: undefined };
  const mask = tf.ones([tokens.shape[0], tokens.shape[1]]) as tf.Tensor2D;
  const adapted = c.adaptation.embeddings({ states: tokens, mask }, 'decoder', ids);
  return adapted.mask === mask ? { states: adapted.states, mask: undefined } : adapted;
}

/** Of the text's keys [1, H, queries, keys], and of those that the adaptation puts in front of them. */
function positionBias(
  c: Context,
  stack: 'encoder' | 'decoder',
  { queries, keys }: { queries: number; keys: number },
): tf.Tensor4D {
  const front = c.adaptation?.inFront?.(stack) ?? 0;
  const table = weightOf<tf.Tensor2D>(
    c.weights,
    `${stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`,
  );
  const maxDistance = c.config.relative_attention_max_distance;
  const bidirectional = stack === 'encoder';
  return relativeBias(table, { from: front, queries, keys: keys + front, bidirectional, maxDistance });
}

/** The same of tokens that take slots: [N, H, beams, keys]. */
function biasInSlots({ config, weights, adaptation }: Context, { layers, length, slots }: Past): tf.Tensor4D {
  const front = adaptation?.inFront?.('decoder') ?? 0;
  const table = weightOf<tf.Tensor2D>(
    weights,
    'decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight',
  );
  const { beams, step, bias } = slots!;
  const maxDistance = config.relative_attention_max_distance;
  const near = slottedBias(table, step, {
    front,
    length,
    beams,
    size: layers[0]!.keys.shape[2],
    maxDistance,
  });
  const seen = front === 0 ? bias : tf.pad(bias, [none, none, none, [front, 0]]);
  return tf.add(near, seen);
}

const none: [number, number] = [0, 0];
