import * as tf from '@tensorflow/tfjs';
import { attention } from '#engine/ops/attention.js';
import { embedding } from '#engine/ops/embedding.js';
import { layerNorm } from '#engine/ops/layer-norm.js';
import { activate } from '../activation.js';
import type { Adaptation, AttentionSite, Hidden } from '../adaptation.js';
import { mergeHeads, remembered, withPrefix, splitHeads } from '../heads.js';
import { linearMap } from '../linear-map.js';
import type { TokenBatch, Weights } from '../batch.js';
import { checkPositions, positionsOf, shifted } from '../positions.js';
import { tokenRows } from '../token-rows.js';
import { type BertConfig, firstPosition } from './bert-config.js';

/** The encoder of BERT (Devlin et al. 2019) and RoBERTa (Liu et al. 2019): post-LayerNorm, learned positions. Virtual tokens that an
 *  adaptation puts in front take the first positions, as in Hugging Face peft; they are of type 0. */
export function bertEncode(c: BertConfig, w: Weights, batch: TokenBatch, adaptation: Adaptation = {}): Hidden {
  const { begin, end = c.num_hidden_layers } = adaptation;
  const norm = (x: tf.Tensor, name: string) => {
    const y = layerNorm(x, w[`${name}.weight`]!, w[`${name}.bias`]!, c.layer_norm_eps) as tf.Tensor3D;
    return adaptation.norm?.(name, y) ?? y;
  };
  const embedded = () => {
    const { states, mask } = embeddings(c, w, batch, adaptation);
    return { states: norm(states, 'embeddings.LayerNorm'), mask };
  };
  const { states, mask } = begin ? { states: begin.states, mask: batch.mask } : embedded();
  let x = states;
  for (let l = begin?.layer ?? 0; l < end; l++) x = layer(c, w, x, mask, l, adaptation, norm);
  return { states: x, mask };
}

/** Words, positions and types, before their LayerNorm. */
function embeddings(c: BertConfig, w: Weights, batch: TokenBatch, adaptation: Adaptation): Hidden {
  const words = tokenRows(w['embeddings.word_embeddings.weight'] as tf.Tensor2D, batch.ids, adaptation);
  const text = { states: words, mask: batch.mask };
  const input = adaptation.embeddings?.(text, 'encoder', batch.ids) ?? text;
  const placed = tf.add(input.states, positionEmbeddings(c, w, input, batch, adaptation));
  return { states: tf.add(placed, typeEmbeddings(w, input, batch)), mask: input.mask };
}

/** [1 or N, T, D]. RoBERTa counts what its mask lets through; BERT counts everything, except virtual tokens that are masked out: they
 *  are there for other members of a gang. */
function positionEmbeddings(c: BertConfig, w: Weights, input: Hidden, batch: TokenBatch, adaptation: Adaptation): tf.Tensor {
  const table = w['embeddings.position_embeddings.weight'] as tf.Tensor2D;
  const length = input.states.shape[1];
  checkPositions(length, c.max_position_embeddings - firstPosition(c));
  if (c.model_type === 'roberta') {
    const ranks = positionsOf(input.mask, length, 'encoder');
    const ids = tf.add(ranks, tf.cast(tf.mul(input.mask, firstPosition(c)), 'int32'));
    const padded = tf.cast(tf.mul(tf.sub(1, input.mask), firstPosition(c) - 1), 'int32');
    return embedding(
      table,
      shifted(tf.add(ids, padded) as tf.Tensor2D, { rows: input.mask.shape[0], stack: 'encoder' }, adaptation),
    );
  }
  const virtual = length - batch.ids.shape[1];
  if (virtual === 0 && !adaptation.positions) return tf.slice(table, [0, 0], [length, c.hidden_size]);
  const [n] = input.mask.shape;
  const counts = tf.concat([tf.slice(input.mask, [0, 0], [n, virtual]), tf.ones([n, length - virtual])], 1) as tf.Tensor2D;
  return embedding(table, positionsOf(counts, length, 'encoder', adaptation));
}

/** [1 or N, T, D]. */
function typeEmbeddings(w: Weights, input: Hidden, { ids, types }: TokenBatch): tf.Tensor {
  const table = w['embeddings.token_type_embeddings.weight'] as tf.Tensor2D;
  if (!types) return tf.slice(table, [0, 0], [1, table.shape[1]]);
  const virtual = input.states.shape[1] - ids.shape[1];
  return embedding(table, tf.pad(types, [[0, 0], [virtual, 0]])); // prettier-ignore
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
  const own = remembered({ keys: k, values: v }, site, adaptation);
  const whole = withPrefix({ ...own, mask }, site, adaptation);
  const scale = (c.hidden_size / c.num_attention_heads) ** -0.5;
  const heads = attention(q, whole.keys, whole.values, { scale, mask: whole.mask! });
  const attended = sublayer('attention', x, map(mergeHeads(heads), 'attention.output.dense'));
  const h = norm(tf.add(attended, x), `${name}.attention.output.LayerNorm`);
  const activated = activate(c.hidden_act, map(h, 'intermediate.dense'));
  return norm(tf.add(sublayer('output', h, map(activated, 'output.dense')), h), `${name}.output.LayerNorm`);
}
