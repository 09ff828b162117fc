import * as tf from '@tensorflow/tfjs';
import { embedding } from '#engine/ops/embedding.js';
import type { Adaptation, Hidden } from '../adaptation.js';
import { normMap } from '../linear-map.js';
import type { TokenBatch, Weights } from '../batch.js';
import { checkPositions, positionsBehindPadding, positionsOf } from '../positions.js';
import { postNormLayers } from '../post-norm/layers.js';
import { tokenRows } from '../token-rows.js';
import { type BertConfig, bertNames, firstPosition } from './bert-config.js';

/** The encoder of BERT (Devlin et al. 2019) and RoBERTa (Liu et al. 2019): post-LayerNorm, learned positions.
 *  Virtual tokens that an adaptation puts in front take the first positions, as in Hugging Face peft; they
 *  are of type 0. */
export function bertEncode(
  c: BertConfig,
  w: Weights,
  batch: TokenBatch,
  adaptation: Adaptation = {},
): Hidden {
  const { begin } = adaptation;
  const input = begin ? { states: begin.states, mask: batch.mask } : embeddings(c, w, batch, adaptation);
  return postNormLayers(c, bertNames, w, input, adaptation);
}

/** Words, positions and types, past their LayerNorm. */
function embeddings(c: BertConfig, w: Weights, batch: TokenBatch, adaptation: Adaptation): Hidden {
  const words = tokenRows(w['embeddings.word_embeddings.weight'] as tf.Tensor2D, batch.ids, adaptation);
  const text = { states: words, mask: batch.mask };
  const input = adaptation.embeddings?.(text, 'encoder', batch.ids) ?? text;
  const placed = tf.add(input.states, positionEmbeddings(c, w, input, batch, adaptation));
  const typed = tf.add(placed, typeEmbeddings(w, input, batch)) as tf.Tensor3D;
  return {
    states: normMap(w, 'embeddings.LayerNorm', typed, c.layer_norm_eps, adaptation),
    mask: input.mask,
  };
}

/** [1 or N, T, D]. RoBERTa counts what its mask lets through; BERT counts everything, except virtual tokens
 *  that are masked out: they are there for other members of a gang. */
function positionEmbeddings(
  c: BertConfig,
  w: Weights,
  input: Hidden,
  batch: TokenBatch,
  adaptation: Adaptation,
): tf.Tensor {
  const table = w['embeddings.position_embeddings.weight'] as tf.Tensor2D;
  const length = input.states.shape[1];
  checkPositions(length, c.max_position_embeddings - firstPosition(c));
  if (c.model_type === 'roberta')
    return embedding(table, positionsBehindPadding(input.mask, firstPosition(c) - 1, adaptation));
  const virtual = length - batch.ids.shape[1];
  if (virtual === 0 && !adaptation.positions) return tf.slice(table, [0, 0], [length, c.hidden_size]);
  const [n] = input.mask.shape;
  const counts = tf.concat(
    [tf.slice(input.mask, [0, 0], [n, virtual]), tf.ones([n, length - virtual])],
    1,
  ) as tf.Tensor2D;
  return embedding(table, positionsOf(counts, length, 'encoder', adaptation));
}

/** [1 or N, T, D]. */
function typeEmbeddings(w: Weights, input: Hidden, { ids, types }: TokenBatch): tf.Tensor {
  const table = w['embeddings.token_type_embeddings.weight'] as tf.Tensor2D;
  if (!types) return tf.slice(table, [0, 0], [1, table.shape[1]]);
  const virtual = input.states.shape[1] - ids.shape[1];
  return embedding(table, tf.pad(types, [[0, 0], [virtual, 0]])); // prettier-ignore
}
