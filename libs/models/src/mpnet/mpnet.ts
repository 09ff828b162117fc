import * as tf from '@tensorflow/tfjs';
import { embedding } from '#engine/ops/embedding.js';
import type { Adaptation, Hidden } from '../adaptation.js';
import type { TokenBatch, Weights } from '../batch.js';
import { normMap, weightOf } from '../linear-map.js';
import { checkPositions, positionsBehindPadding } from '../positions.js';
import { postNormLayers } from '../post-norm/layers.js';
import { relativeBias } from '../t5/relative-position.js';
import { tokenRows } from '../token-rows.js';
import {
  type MPNetConfig,
  mostPositions,
  mpnetNames,
  paddingPosition,
  relativePositions,
} from './mpnet-config.js';

/** The encoder of MPNet (Song et al. 2020): post-LayerNorm, learned positions, and T5's relative ones that
 *  all layers share. Virtual tokens that an adaptation puts in front take the first positions. It has no
 *  token types. */
export function mpnetEncode(
  c: MPNetConfig,
  w: Weights,
  batch: TokenBatch,
  adaptation: Adaptation = {},
): Hidden {
  const { begin } = adaptation;
  const input = begin ? { states: begin.states, mask: batch.mask } : embeddings(c, w, batch, adaptation);
  const length = input.states.shape[1];
  const front = adaptation.inFront?.('encoder') ?? 0;
  const bias = relativeBias(weightOf(w, 'encoder.relative_attention_bias.weight'), {
    from: front,
    queries: length,
    keys: length + front,
    bidirectional: true,
    maxDistance: relativePositions.maxDistance,
  });
  return postNormLayers(c, mpnetNames, w, { ...input, bias }, adaptation);
}

/** Words and positions, past their LayerNorm. */
function embeddings(c: MPNetConfig, w: Weights, batch: TokenBatch, adaptation: Adaptation): Hidden {
  const words = tokenRows(weightOf(w, 'embeddings.word_embeddings.weight'), batch.ids, adaptation);
  const text = { states: words, mask: batch.mask };
  const { states, mask } = adaptation.embeddings?.(text, 'encoder', batch.ids) ?? text;
  checkPositions(states.shape[1], mostPositions(c));
  const table = weightOf<tf.Tensor2D>(w, 'embeddings.position_embeddings.weight');
  const placed = tf.add(
    states,
    embedding(table, positionsBehindPadding(mask, paddingPosition, adaptation)),
  ) as tf.Tensor3D;
  return { states: normMap(w, 'embeddings.LayerNorm', placed, c.layer_norm_eps, adaptation), mask };
}
