import * as tf from '@tensorflow/tfjs';
import type { Tensors } from '#engine/step/step.js';
import type { Adaptation } from '#models/adaptation.js';
import type { TokenBatch, Weights } from '#models/batch.js';
import type { Kind } from '#contracts/kind.js';
import type { Said } from '#tasks/example.js';
import type { EncodedExample } from '../rows/encode-examples.js';

/** What there is to be answered. */
export interface Classes {
  words: readonly string[]; // what says each
  tasks?: readonly { from: number; to: number }[]; // where tasks are mixed, the classes of each, `to` behind the last
}

/** What a step, or writing, gave for a batch: rows are member-major. */
export type Outputs =
  | { rows: number; classes: number; scores: Float32Array } // of each row, or of each of its tokens
  | { texts: readonly string[] }; // what each row's model wrote

/** How a kind of model answers a kind of task. Losses and scores are pure functions of tensors, to be called inside a step. */
export interface Answering {
  /** What of it shapes a compiled step, beside the model and the method. */
  readonly key: unknown;
  readonly classes: Classes;
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
  /** What a row of the outputs says of its example. */
  said(outputs: Outputs, row: number, example: EncodedExample): Said[Kind];
}

/** The class of the largest score. */
export const likeliest = (scores: Float32Array): number => scores.indexOf(Math.max(...scores));

/** Scores [N, C], or of every token [N * T, C], with the classes out of reach that a row's own task has not, where tasks are mixed: its softmax and its
 *  answer are then those of its task alone, and so is the head that gives them. */
export function amongOwn(scores: tf.Tensor2D, batch: Tensors): tf.Tensor2D {
  const closed = batch['closed'] as tf.Tensor2D | undefined;
  if (!closed) return scores;
  const [rows, classes] = closed.shape;
  return tf.reshape(tf.add(tf.reshape(scores, [rows, -1, classes]), tf.expandDims(closed, 1)), scores.shape);
}

export const tokensOf = (batch: Tensors): TokenBatch => ({
  ids: batch['ids'] as tf.Tensor2D,
  mask: batch['mask'] as tf.Tensor2D,
});
