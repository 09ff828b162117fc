/** GPT-2 (Radford et al. 2019): pre-LayerNorm, learned positions, equal to transformers' GPT2LMHeadModel
 *  without dropout. */
import * as tf from '@tensorflow/tfjs';
import { attention } from '#engine/ops/attention.js';
import { embedding } from '#engine/ops/embedding.js';
import { activate } from '../activation.js';
import { type Adaptation, dropped, droppedWeights, type Hidden } from '../adaptation.js';
import type { DecoderFamily } from '../decoder.js';
import { type KeysAndValues, masking, mergeHeads, remembered, splitHeads, withPrefix } from '../heads.js';
import { headLogits, linearMap, normMap, weightOf } from '../linear-map.js';
import type { Weights } from '../batch.js';
import { isCausal, joined, lookedAt, type Past } from '../past.js';
import { checkPositions, newPositions } from '../positions.js';
import { preNorm } from '../pre-norm.js';
import type { Gpt2Config } from './gpt2-config.js';

export function gpt2Family(config: Gpt2Config): DecoderFamily {
  return {
    embedding: 'transformer.wte.weight',
    endIds: [config.eos_token_id].flat(),
    states: (w, input, adaptation, past) => states({ config, w, adaptation }, input, past),
    logits: (w, x, adaptation) =>
      headLogits(w, { name: 'lm_head', tied: 'transformer.wte.weight' }, x, adaptation),
  };
}

interface Context {
  config: Gpt2Config;
  w: Weights;
  adaptation: Adaptation | undefined;
}

/** input: embeddings of the new positions [N, T, D] and the mask over past and new ones [N, S]. */
function states(c: Context, input: Hidden, past?: Past): { states: tf.Tensor3D; layers: KeysAndValues[] } {
  if (!past?.slots) checkPositions(input.mask.shape[1], c.config.n_positions);
  const { begin, end } = c.adaptation ?? {};
  let x = begin ? input.states : dropped(c.adaptation, 'transformer.drop', placed(c, input, past));
  const layers: KeysAndValues[] = [];
  for (let l = begin?.layer ?? 0; l < (end ?? c.config.n_layer); l++) {
    const at = `transformer.h.${l}`;
    x = preNorm(c, `${at}.attn`, x, norm(c, `${at}.ln_1`, x), (h) => {
      const { seen, y } = attend(c, l, h, { past, mask: input.mask });
      layers.push(seen);
      return y;
    });
    x = preNorm(c, `${at}.mlp`, x, norm(c, `${at}.ln_2`, x), (h) =>
      map(c, `${at}.mlp.c_proj`, activate(c.config.activation_function, map(c, `${at}.mlp.c_fc`, h))),
    );
  }
  return { states: end === undefined ? norm(c, 'transformer.ln_f', x) : x, layers };
}

function placed(c: Context, { states, mask }: Hidden, past: Past | undefined): tf.Tensor3D {
  const ids = newPositions(past, { mask, count: states.shape[1] }, 'decoder', c.adaptation);
  return tf.add(states, embedding(weightOf(c.w, 'transformer.wpe.weight'), ids));
}

function attend(
  c: Context,
  layer: number,
  h: tf.Tensor3D,
  { past, mask }: { past: Past | undefined; mask: tf.Tensor2D },
): { seen: KeysAndValues; y: tf.Tensor3D } {
  const at = `transformer.h.${layer}.attn`;
  const { n_head: heads, n_embd: d } = c.config;
  const [q, keys, values] = tf
    .split(map(c, `${at}.c_attn`, h), 3, 2)
    .map((x) => splitHeads(x as tf.Tensor3D, heads));
  const site = { stack: 'decoder', kind: 'self', layer } as const;
  const seen = joined(past, layer, remembered({ keys: keys!, values: values! }, site, c.adaptation));
  const memory = withPrefix(lookedAt(past, seen, mask), site, c.adaptation);
  const plain = c.config.scale_attn_weights ? (d / heads) ** -0.5 : 1;
  const scale = c.config.scale_attn_by_inverse_layer_idx ? plain / (layer + 1) : plain;
  const mixed = attention(q!, memory.keys, memory.values, {
    scale,
    causal: isCausal(past, h.shape[1]),
    ...masking(memory),
    ...droppedWeights(c.adaptation, at),
  });
  return { seen, y: map(c, `${at}.c_proj`, mergeHeads(mixed)) };
}

/** Conv1D. */
const map = (c: Context, name: string, x: tf.Tensor3D) =>
  linearMap(c.w, name, x, c.adaptation, { transposed: false });

const norm = (c: Context, name: string, x: tf.Tensor3D) =>
  normMap(c.w, name, x, c.config.layer_norm_epsilon, c.adaptation);
