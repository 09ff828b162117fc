import * as tf from '@tensorflow/tfjs';
import type { Tensors } from '#engine/step/step.js';
import type { Adaptation, Hidden } from '#models/adaptation.js';
import type { Weights } from '#models/batch.js';
import type { Model } from '#models/model.js';
import { tokensOf } from '../answers/answering.js';

/** What a head reads, [N, D]: an encoder's pooled states, a decoder's last state, the mean of an
 *  encoder-decoder's encoder states; or what the batch holds as `pooled`. */
export function pooled(model: Model, weights: Weights, adaptation: Adaptation, batch: Tensors): tf.Tensor2D {
  const ready = batch['pooled'];
  if (ready) return ready as tf.Tensor2D;
  const tokens = tokensOf(batch);
  const encoded = model.encode(weights, tokens, adaptation);
  return model.kind === 'encoder-decoder' ? meanState(encoded) : model.pool(encoded, tokens);
}

function meanState({ states, mask }: Hidden): tf.Tensor2D {
  const weights = tf.div(mask, tf.sum(mask, 1, true));
  return tf.sum(tf.mul(states, tf.expandDims(weights, 2)), 1) as tf.Tensor2D;
}
