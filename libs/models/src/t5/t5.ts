import * as tf from '@tensorflow/tfjs';
import { attention } from '#engine/ops/attention.js';
import { embedding } from '#engine/ops/embedding.js';
import { geglu } from '#engine/ops/gelu.js';
import { rmsNorm } from '#engine/ops/layer-norm.js';
import { linear } from '#engine/ops/linear.js';
import type { Adaptation, AttentionSite, Hidden } from '../adaptation.js';
import { mergeHeads, prefixed, splitHeads } from '../heads.js';
import type { TokenBatch, Weights } from '../model.js';
import { relativeBias } from './relative-position.js';
import { decoderLayers, type T5Config } from './t5-config.js';

/** One attention layer's keys and values so far, [N, H, S, dKv]. */
export interface Cached {
  keys: tf.Tensor4D;
  values: tf.Tensor4D;
}

/** T5's encoder (Raffel et al. 2020): pre-RMSNorm, relative positions shared by all layers, no biases. Prompts that an adaptation puts
 *  in front take part in the relative positions. */
export function t5Encode(c: T5Config, w: Weights, batch: TokenBatch, adaptation: Adaptation = {}): Hidden {
  const words = embedding(w['shared.weight'] as tf.Tensor2D, batch.ids) as tf.Tensor3D;
  const input = adaptation.embeddings?.({ states: words, mask: batch.mask }, 'encoder') ?? { states: words, mask: batch.mask };
  const length = input.states.shape[1];
  const layers = new T5Layers(c, w, 'encoder', adaptation);
  const bias = layers.bias(length, length, 0);
  let x = input.states;
  for (let l = 0; l < c.num_layers; l++) {
    const self = layers.project(l, 0, 'SelfAttention', layers.norm(x, l, 0));
    x = layers.attend(x, l, 0, 'self', self.q, self, { mask: input.mask, bias });
    x = layers.feedForward(x, l, 1);
  }
  return { states: layers.finalNorm(x), mask: input.mask };
}

/** Decoder logits [N, U, V] for inputs int32 [N, U] that were shifted right. */
export function t5Decode(
  c: T5Config,
  w: Weights,
  encoded: Hidden,
  decoderIds: tf.Tensor2D,
  adaptation: Adaptation = {},
): tf.Tensor3D {
  const layers = new T5Layers(c, w, 'decoder', adaptation);
  const length = decoderIds.shape[1];
  const bias = layers.bias(length, length, 0);
  let x = embedding(w['shared.weight'] as tf.Tensor2D, decoderIds) as tf.Tensor3D;
  for (let l = 0; l < decoderLayers(c); l++) {
    const self = layers.project(l, 0, 'SelfAttention', layers.norm(x, l, 0));
    x = layers.attend(x, l, 0, 'self', self.q, self, { bias, causal: true });
    const q = layers.query(l, 1, 'EncDecAttention', layers.norm(x, l, 1));
    x = layers.attend(x, l, 1, 'cross', q, layers.keyValues(l, 1, 'EncDecAttention', encoded.states), { mask: encoded.mask });
    x = layers.feedForward(x, l, 2);
  }
  return t5Logits(c, w, layers.finalNorm(x));
}

/** Logits of final decoder states. v1.0 shares the input embedding and scales by d_model^-0.5. */
export function t5Logits(c: T5Config, w: Weights, states: tf.Tensor3D): tf.Tensor3D {
  const scaled = c.tie_word_embeddings ? tf.mul(states, c.d_model ** -0.5) : states;
  return linear(scaled, w[c.tie_word_embeddings ? 'shared.weight' : 'lm_head.weight']!, null, {
    transposed: true,
  }) as tf.Tensor3D;
}

/** The parts of one stack's layers; `place` is the sublayer's index in a Hugging Face block. */
export class T5Layers {
  constructor(
    private readonly c: T5Config,
    private readonly w: Weights,
    private readonly stack: 'encoder' | 'decoder',
    private readonly adaptation: Adaptation,
  ) {}

  bias(queries: number, keys: number, from: number): tf.Tensor4D {
    const table = this.w[`${this.stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`] as tf.Tensor2D;
    const options = {
      queries,
      keys,
      from,
      bidirectional: this.stack === 'encoder',
      maxDistance: this.c.relative_attention_max_distance,
    };
    return relativeBias(table, options);
  }

  norm(x: tf.Tensor3D, l: number, place: number): tf.Tensor3D {
    return rmsNorm(x, this.w[`${this.name(l, place)}.layer_norm.weight`]!, this.c.layer_norm_epsilon) as tf.Tensor3D;
  }

  finalNorm(x: tf.Tensor3D): tf.Tensor3D {
    return rmsNorm(x, this.w[`${this.stack}.final_layer_norm.weight`]!, this.c.layer_norm_epsilon) as tf.Tensor3D;
  }

  query(l: number, place: number, kind: string, x: tf.Tensor3D): tf.Tensor4D {
    return splitHeads(this.map(`${this.name(l, place)}.${kind}.q`, x), this.c.num_heads);
  }

  keyValues(l: number, place: number, kind: string, x: tf.Tensor3D): Cached {
    const part = (p: string) => splitHeads(this.map(`${this.name(l, place)}.${kind}.${p}`, x), this.c.num_heads);
    return { keys: part('k'), values: part('v') };
  }

  project(l: number, place: number, kind: string, x: tf.Tensor3D): Cached & { q: tf.Tensor4D } {
    return { q: this.query(l, place, kind, x), ...this.keyValues(l, place, kind, x) };
  }

  /** Attention and its residual: x + o(attention). T5 does not scale the scores: its initialisation does. */
  attend(
    x: tf.Tensor3D,
    l: number,
    place: number,
    kind: AttentionSite['kind'],
    q: tf.Tensor4D,
    { keys, values }: Cached,
    { mask, bias, causal }: { mask?: tf.Tensor2D; bias?: tf.Tensor4D; causal?: boolean },
  ): tf.Tensor3D {
    const prefix = this.adaptation.keyValues?.({ stack: this.stack, kind, layer: l });
    const whole = prefixed(keys, values, mask ?? tf.ones([keys.shape[0], keys.shape[2]]), prefix);
    const room = prefix ? prefix.keys.shape[2] : 0;
    const heads = attention(q, whole.keys, whole.values, {
      scale: 1,
      ...(mask || prefix ? { mask: whole.mask } : {}),
      ...(bias ? { bias: room ? tf.pad(bias, [[0, 0], [0, 0], [0, 0], [room, 0]]) : bias } : {}), // prettier-ignore
      causal: causal ?? false,
    });
    const name = `${this.name(l, place)}.${kind === 'self' ? 'SelfAttention' : 'EncDecAttention'}`;
    const y = this.map(`${name}.o`, mergeHeads(heads));
    return tf.add(x, this.adaptation.sublayer?.(name, x, y) ?? y);
  }

  feedForward(x: tf.Tensor3D, l: number, place: number): tf.Tensor3D {
    const h = this.norm(x, l, place);
    const name = `${this.name(l, place)}.DenseReluDense`;
    const wide =
      this.c.feed_forward_proj === 'relu'
        ? tf.relu(this.map(`${name}.wi`, h))
        : (geglu(this.map(`${name}.wi_0`, h), this.map(`${name}.wi_1`, h)) as tf.Tensor3D);
    const y = this.map(`${name}.wo`, wide);
    return tf.add(x, this.adaptation.sublayer?.(name, x, y) ?? y);
  }

  private name(l: number, place: number): string {
    return `${this.stack}.block.${l}.layer.${place}`;
  }

  private map(name: string, x: tf.Tensor3D): tf.Tensor3D {
    const y = linear(x, this.w[`${name}.weight`]!, null, { transposed: true }) as tf.Tensor3D;
    return this.adaptation.linear?.(name, x, y) ?? y;
  }
}
