import * as tf from '@tensorflow/tfjs';
import { attention } from '#engine/ops/attention.js';
import { embedding } from '#engine/ops/embedding.js';
import { gelu } from '#engine/ops/gelu.js';
import { layerNorm } from '#engine/ops/layer-norm.js';
import type { Adaptation, AttentionSite, Hidden } from '../adaptation.js';
import { mergeHeads, withPrefix, splitHeads } from '../heads.js';
import { linearMap } from '../linear-map.js';
import type { TokenBatch, Weights } from '../model.js';
import type { BertConfig } from './bert-config.js';

/** BERT's encoder (Devlin et al. 2019): post-LayerNorm, learned positions, token type 0 throughout. Virtual tokens that an adaptation
 *  puts in front take the first positions, as in Hugging Face peft. */
export function bertEncode(c: BertConfig, w: Weights, batch: TokenBatch, adaptation: Adaptation = {}): Hidden {
  const words = embedding(w['embeddings.word_embeddings.weight'] as tf.Tensor2D, batch.ids) as tf.Tensor3D;
  const input = adaptation.embeddings?.({ states: words, mask: batch.mask }, 'encoder') ?? { states: words, mask: batch.mask };
  const length = input.states.shape[1];
  if (length > c.max_position_embeddings) {
    throw new RangeError(`${length} positions (virtual tokens and text), and the model has ${c.max_position_embeddings}`);
  }
  const positions = tf.slice(w['embeddings.position_embeddings.weight']!, [0, 0], [length, c.hidden_size]);
  const type = tf.slice(w['embeddings.token_type_embeddings.weight']!, [0, 0], [1, c.hidden_size]);
  const norm = (x: tf.Tensor, name: string) => {
    const y = layerNorm(x, w[`${name}.weight`]!, w[`${name}.bias`]!, c.layer_norm_eps) as tf.Tensor3D;
    return adaptation.norm?.(name, y) ?? y;
  };
  let x = norm(tf.add(tf.add(input.states, positions), type), 'embeddings.LayerNorm');
  for (let l = 0; l < c.num_hidden_layers; l++) x = layer(c, w, x, input.mask, l, adaptation, norm);
  return { states: x, mask: input.mask };
}

function layer(
  c: BertConfig,
  w: Weights,
  x: tf.Tensor3D,
  mask: tf.Tensor2D,
  l: number,
  adaptation: Adaptation,
  norm: (x: tf.Tensor, name: string) => tf.Tensor3D,
): tf.Tensor3D {
  const name = `encoder.layer.${l}`;
  const map = (x: tf.Tensor3D, part: string) => linearMap(w, `${name}.${part}`, x, adaptation);
  const sublayer = (part: string, x: tf.Tensor3D, y: tf.Tensor3D) => adaptation.sublayer?.(`${name}.${part}`, x, y) ?? y;
  const site: AttentionSite = { stack: 'encoder', kind: 'self', layer: l };
  const [q, k, v] = ['query', 'key', 'value'].map((part) =>
    splitHeads(map(x, `attention.self.${part}`), c.num_attention_heads),
  ) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  const whole = withPrefix({ keys: k, values: v, mask }, site, adaptation);
  const scale = (c.hidden_size / c.num_attention_heads) ** -0.5;
  const heads = attention(q, whole.keys, whole.values, { scale, mask: whole.mask! });
  const attended = sublayer('attention', x, map(mergeHeads(heads), 'attention.output.dense'));
  const h = norm(tf.add(attended, x), `${name}.attention.output.LayerNorm`);
  const activated = gelu(map(h, 'intermediate.dense'), c.hidden_act === 'gelu' ? 'erf' : 'tanh') as tf.Tensor3D;
  return norm(tf.add(sublayer('output', h, map(activated, 'output.dense')), h), `${name}.output.LayerNorm`);
}
