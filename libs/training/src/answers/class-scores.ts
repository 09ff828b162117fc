import type * as tf from '@tensorflow/tfjs';
import type { Tensors } from '#engine/step/step.js';
import type { Pass } from './answering.js';

/** How scores of all classes come about. */
export interface ClassScores {
  /** What of it shapes a compiled step. */
  key?: unknown;
  fanOut: number;
  positionsBehind: number;
  /** Tokens of each class's word, where scores are log p of words; absent: they are logits of classes. */
  tokens?: readonly number[];
  constants(): Tensors;
  losses(pass: Pass): tf.Tensor1D;
  /** [N, C]. */
  outputs(pass: Pass): tf.Tensor2D;
}
