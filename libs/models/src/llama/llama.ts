/** LLaMA (Touvron et al. 2023): RMSNorm, rotary positions, grouped-query attention, SwiGLU; equal to
 *  transformers' LlamaForCausalLM. */
import * as tf from '@tensorflow/tfjs';
import { attention } from '#engine/ops/attention.js';
import { rmsNorm } from '#engine/ops/layer-norm.js';
import { gate } from '../activation.js';
import { type Adaptation, droppedWeights, type Hidden } from '../adaptation.js';
import type { DecoderFamily } from '../decoder.js';
import {
  type KeysAndValues,
  masking,
  type Memory,
  mergeHeads,
  remembered,
  splitHeads,
  withPrefix,
} from '../heads.js';
import { headLogits, linearMap, weightOf } from '../linear-map.js';
import type { Weights } from '../batch.js';
import { isCausal, joined, lookedAt, type Past } from '../past.js';
import { checkPositions, newPositions } from '../positions.js';
import { preNorm } from '../pre-norm.js';
import { type LlamaConfig, llamaSizes, longestText } from './llama-config.js';
import { rotated, rotation, type Rotation } from './rotary.js';

export function llamaFamily(config: LlamaConfig): DecoderFamily {
  return {
    embedding: 'model.embed_tokens.weight',
    endIds: [config.eos_token_id].flat(),
    states: (w, input, adaptation, past) => states({ config, w, adaptation }, input, past),
    logits: (w, x, adaptation) =>
      headLogits(w, { name: 'lm_head', tied: 'model.embed_tokens.weight' }, x, adaptation),
  };
}

interface Context {
  config: LlamaConfig;
  w: Weights;
  adaptation: Adaptation | undefined;
}

/** input: embeddings of the new positions [N, T, D] and the mask over past and new ones [N, S]. */
function states(c: Context, input: Hidden, past?: Past): { states: tf.Tensor3D; layers: KeysAndValues[] } {
  if (!past?.slots) checkPositions(input.mask.shape[1], longestText(c.config));
  const places = newPositions(
    past,
    { mask: input.mask, count: input.states.shape[1] },
    'decoder',
    c.adaptation,
  );
  const turn = rotation(places, llamaSizes(c.config));
  const { begin, end } = c.adaptation ?? {};
  let x = input.states;
  const layers: KeysAndValues[] = [];
  for (let l = begin?.layer ?? 0; l < (end ?? c.config.num_hidden_layers); l++) {
    const at = `model.layers.${l}`;
    x = preNorm(
      c,
      `${at}.self_attn`,
      x,
      norm(c, `${at}.input_layernorm`, x),
      (h) => {
        const { seen, y } = attend(c, l, h, { past, mask: input.mask, turn });
        layers.push(seen);
        return y;
      },
      whole,
    );
    x = preNorm(
      c,
      `${at}.mlp`,
      x,
      norm(c, `${at}.post_attention_layernorm`, x),
      (h) => feedForward(c, `${at}.mlp`, h),
      whole,
    );
  }
  return { states: end === undefined ? norm(c, 'model.norm', x) : x, layers };
}

const whole = { undropped: true }; // of LLaMA's sublayers nothing is dropped

/** Keys are kept rotated, as Hugging Face's cache has them; a prefix's are taken as they are. */
function attend(
  c: Context,
  layer: number,
  h: tf.Tensor3D,
  { past, mask, turn }: { past: Past | undefined; mask: tf.Tensor2D; turn: Rotation },
): { seen: KeysAndValues; y: tf.Tensor3D } {
  const at = `model.layers.${layer}.self_attn`;
  const { heads, kvHeads, headDim } = llamaSizes(c.config);
  const q = rotated(splitHeads(map(c, `${at}.q_proj`, h), heads), turn);
  const keys = rotated(splitHeads(map(c, `${at}.k_proj`, h), kvHeads), turn);
  const values = splitHeads(map(c, `${at}.v_proj`, h), kvHeads);
  const site = { stack: 'decoder', kind: 'self', layer } as const;
  const seen = joined(past, layer, remembered({ keys, values }, site, c.adaptation));
  const memory = withPrefix(lookedAt(past, seen, mask), site, c.adaptation);
  const times = heads / kvHeads;
  const scale = headDim ** -0.5;
  if (past?.slots)
    return { seen, y: map(c, `${at}.o_proj`, mergeHeads(grouped(q, memory, { times, scale }))) };
  const each = (x: tf.Tensor4D) => shared(x, times);
  const options = {
    scale,
    causal: isCausal(past, h.shape[1]),
    ...masking(memory),
    ...droppedWeights(c.adaptation, at),
  };
  const mixed = attention(q, each(memory.keys), each(memory.values), options);
  return { seen, y: map(c, `${at}.o_proj`, mergeHeads(mixed)) };
}

/** [N, H, S, d] -> [N, H * times, S, d]: each key-value head serves `times` queries in a row (Ainslie et al.
 *  2023). */
function shared(x: tf.Tensor4D, times: number): tf.Tensor4D {
  if (times === 1) return x;
  const [n, heads, s, d] = x.shape;
  return tf.reshape(tf.tile(tf.reshape(x, [n * heads, 1, s * d]), [1, times, 1]), [n, heads * times, s, d]);
}

/** Attention of few queries q [N, H * times, T, d] to keys that `times` of them share: those are one head's
 *  queries, and no key is copied. */
function grouped(
  q: tf.Tensor4D,
  memory: Memory,
  { times, scale }: { times: number; scale: number },
): tf.Tensor4D {
  const [n, heads, t, d] = q.shape;
  const { mask, bias } = masking(memory);
  const own = bias && { bias: tf.tile(bias, [1, 1, times, 1]) };
  const mixed = attention(tf.reshape(q, [n, heads / times, times * t, d]), memory.keys, memory.values, {
    scale,
    ...(mask && { mask }),
    ...own,
  });
  return tf.reshape(mixed, q.shape);
}

function feedForward(c: Context, at: string, h: tf.Tensor3D): tf.Tensor3D {
  const [a, b] = [map(c, `${at}.gate_proj`, h), map(c, `${at}.up_proj`, h)];
  return map(c, `${at}.down_proj`, gate(c.config.hidden_act, a, b));
}

const map = (c: Context, name: string, x: tf.Tensor3D) => linearMap(c.w, name, x, c.adaptation);

function norm({ config, w }: Context, name: string, x: tf.Tensor3D): tf.Tensor3D {
  return rmsNorm(x, weightOf(w, `${name}.weight`), config.rms_norm_eps) as tf.Tensor3D;
}
