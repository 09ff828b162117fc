/** BART's encoder and decoder (Lewis et al. 2020), equal to transformers' BartForConditionalGeneration
 *  without dropout. */
import * as tf from '@tensorflow/tfjs';
import { embedding } from '#engine/ops/embedding.js';
import { type Adaptation, type AttentionSite, dropped, type Hidden } from '../adaptation.js';
import type { KeysAndValues, Memory } from '../heads.js';
import { headLogits, weightOf } from '../linear-map.js';
import type { TokenBatch, Weights } from '../batch.js';
import { isCausal, joined, lastPositions, lookedAt, type Past } from '../past.js';
import { checkPositions, newPositions } from '../positions.js';
import { type BartConfig, positionOffset } from './bart-config.js';
import {
  attend,
  type Context,
  feedForward,
  keysAndValues,
  norm,
  residual,
  type Stack,
  tokenEmbeddings,
} from './layers.js';

/** Final encoder states. What the embeddings hook puts in front takes the first positions. */
export function bartEncode(
  config: BartConfig,
  weights: Weights,
  batch: TokenBatch,
  adaptation?: Adaptation,
): Hidden {
  const c = { config, weights, adaptation };
  const { begin, end = config.encoder_layers } = adaptation ?? {};
  const { states, mask } = begin ? { states: begin.states, mask: batch.mask } : embedded(c, batch);
  let x = states;
  for (let layer = begin?.layer ?? 0; layer < end; layer++) {
    const at = `model.encoder.layers.${layer}`;
    const self = `${at}.self_attn`;
    x = residual(c, { sublayer: self, norm: `${self}_layer_norm` }, x, (h) => {
      const site = { stack: 'encoder', kind: 'self', layer } as const;
      const memory = { ...keysAndValues(c, self, h, site), mask };
      return attend(c, self, h, { memory, site });
    });
    x = residual(c, { sublayer: `${at}.fc2`, norm: `${at}.final_layer_norm` }, x, (h) =>
      feedForward(c, at, h),
    );
  }
  return { states: x, mask };
}

function embedded(c: Context, batch: TokenBatch): Hidden {
  const text = { states: tokenEmbeddings(c, batch.ids), mask: batch.mask };
  const { states, mask } = c.adaptation?.embeddings?.(text, 'encoder', batch.ids) ?? text;
  const virtual = states.shape[1] - batch.ids.shape[1];
  return { states: placed(c, 'encoder', states, { counted: counting(mask, virtual) }), mask };
}

/** Final states [N, U, D] for decoder inputs int32 [N, U] that were shifted right. */
export function bartDecoderStates(
  config: BartConfig,
  weights: Weights,
  encoded: Hidden,
  ids: tf.Tensor2D,
  adaptation?: Adaptation,
): tf.Tensor3D {
  const c = { config, weights, adaptation };
  return bartDecodeFrom(c, crossMemories(c, encoded), ids).states;
}

/** Keys and values of the encoded text for each decoder layer's cross attention. */
export function crossMemories(c: Context, encoded: Hidden): Memory[] {
  return Array.from({ length: c.config.decoder_layers }, (_, layer) => ({
    ...keysAndValues(c, `model.decoder.layers.${layer}.encoder_attn`, encoded.states, crossSite(layer)),
    mask: encoded.mask,
  }));
}

const crossSite = (layer: number): AttentionSite => ({ stack: 'decoder', kind: 'cross', layer });

/** Final decoder states [N, U, D] of ids [N, U] that begin a text or take the slots of `past`, and what has
 *  been seen then. The embeddings hook acts at the start of a text only; the states of what it puts in front
 *  are dropped. */
export function bartDecodeFrom(
  c: Context,
  cross: readonly Memory[],
  ids: tf.Tensor2D,
  past?: Past,
): { states: tf.Tensor3D; past: Past } {
  const text = { states: tokenEmbeddings(c, ids), mask: tf.ones(ids.shape) as tf.Tensor2D };
  const first = past ? undefined : c.adaptation?.embeddings?.(text, 'decoder', ids);
  const { states } = first ?? text;
  const mask = past?.mask ?? (first ?? text).mask;
  let x = placed(c, 'decoder', states, { counted: mask, past });
  const layers: KeysAndValues[] = [];
  for (const [layer, memory] of cross.entries()) {
    const at = `model.decoder.layers.${layer}`;
    const [self, other] = [`${at}.self_attn`, `${at}.encoder_attn`];
    x = residual(c, { sublayer: self, norm: `${self}_layer_norm` }, x, (h) => {
      const site = { stack: 'decoder', kind: 'self', layer } as const;
      const seen = joined(past, layer, keysAndValues(c, self, h, site));
      layers.push(seen);
      return attend(c, self, h, {
        memory: lookedAt(past, seen, mask),
        site,
        causal: isCausal(past, h.shape[1]),
      });
    });
    x = residual(c, { sublayer: other, norm: `${other}_layer_norm` }, x, (h) =>
      attend(c, other, h, { memory, site: crossSite(layer) }),
    );
    x = residual(c, { sublayer: `${at}.fc2`, norm: `${at}.final_layer_norm` }, x, (h) =>
      feedForward(c, at, h),
    );
  }
  return { states: lastPositions(x, ids.shape[1]), past: { layers, mask, length: mask.shape[1] } };
}

export function bartLogits({ weights, adaptation }: Context, states: tf.Tensor3D): tf.Tensor3D {
  const logits = headLogits(weights, { name: 'lm_head', tied: 'model.shared.weight' }, states, adaptation);
  return tf.add(logits, weightOf(weights, 'final_logits_bias'));
}

/** With learned positions, and normalised. `counted` [N, S] are the positions that begin a text. */
function placed(
  c: Context,
  stack: Stack,
  states: tf.Tensor3D,
  { counted, past }: { counted: tf.Tensor2D; past?: Past | undefined },
): tf.Tensor3D {
  if (!past) checkPositions(counted.shape[1], c.config.max_position_embeddings);
  const own = newPositions(past, { mask: counted, count: states.shape[1] }, stack, c.adaptation);
  const ids = tf.add(own, tf.scalar(positionOffset, 'int32'));
  const positions = embedding(weightOf(c.weights, `model.${stack}.embed_positions.weight`), ids);
  const embedded = norm(c, `model.${stack}.layernorm_embedding`, tf.add(states, positions) as tf.Tensor3D);
  return dropped(c.adaptation, `model.${stack}.embeddings`, embedded);
}

/** Padding takes a position in BART; virtual tokens that are masked out do not: they are there for other
 *  members of a gang. */
function counting(mask: tf.Tensor2D, virtual: number): tf.Tensor2D {
  const [n, length] = mask.shape;
  return tf.concat([tf.slice(mask, [0, 0], [n, virtual]), tf.ones([n, length - virtual])], 1) as tf.Tensor2D;
}
