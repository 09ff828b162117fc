/** Answers by a head: on a text's states, or on every token's. */
import * as tf from '@tensorflow/tfjs';
import type { Tensors } from '#engine/step/step.js';
import type { Head } from '#methods/heads/form.js';
import { headStates } from '#methods/heads/head-states.js';
import type { Adaptation } from '#models/adaptation.js';
import type { Weights } from '#models/batch.js';
import type { Model } from '#models/model.js';
import { pooled } from '../read-once/pooled.js';
import { type Pass, tokensOf } from './answering.js';

interface By {
  weights: Weights;
  adaptation: Adaptation;
  batch: Tensors;
}

/** What a head reads, [N, D] of texts or [N * T, D] of tokens: as its form says, or pooled states for a
 *  method's own (null). A batch may hold it ready, as `pooled`. */
export function statesOf(model: Model, head: Head | null, { weights, adaptation, batch }: By): tf.Tensor2D {
  if (head === null) return pooled(model, weights, adaptation, batch);
  const ready = batch['pooled'] as tf.Tensor2D | undefined;
  return ready ?? headStates(model, head, { weights, adaptation, batch: tokensOf(batch) });
}

/** What the head makes of each text, [N, C], or of each token, [N * T, C]. Virtual tokens are left out. */
export const headScores = (model: Model, head: Head | null, pass: Pass): tf.Tensor2D =>
  pass.adaptation.head!(statesOf(model, head, pass));
