import type * as tf from '@tensorflow/tfjs';
import type { Tensors } from '#engine/step.js';
import type { Adaptation } from '#models/adaptation.js';
import type { TokenBatch, Weights } from '#models/model.js';

/** How a model answers a classification task. Pure functions of tensors, to be called inside a step. */
export interface Answering {
  /** Rows that scoring makes of each row it is given, at most. */
  readonly fanOut: number;
  /** Positions behind a text that answering takes, at most. */
  readonly positionsBehind: number;
  /** Fixed tensors that the two functions need among the step's constants. The caller owns them. */
  constants(): Tensors;
  /** Loss of each row [N] for its label. */
  losses(weights: Weights, adaptation: Adaptation, batch: Tensors, constants: Tensors): tf.Tensor1D;
  /** A score for every class, [N, C] (of every token, [N * T, C], where words are tagged): the largest is the answer. A batch may hold `pooled` [N, D] in place of tokens for a head. */
  scores(weights: Weights, adaptation: Adaptation, batch: Tensors, constants: Tensors): tf.Tensor2D;
}

/** Label of a position that counts for nothing. */
export const ignoredLabel = -100;

export const tokensOf = (batch: Tensors): TokenBatch => ({
  ids: batch['ids'] as tf.Tensor2D,
  mask: batch['mask'] as tf.Tensor2D,
});
