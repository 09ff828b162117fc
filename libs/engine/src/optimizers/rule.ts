import type * as tf from '@tensorflow/tfjs';
import type { Tensors } from '../step/step.js';

/** A pure update rule. Parameters carry a leading member axis [G, ...] and every statistic is taken per
 *  member, so that a trial moves in a gang exactly as it moves alone. */
export interface OptimizerRule {
  /** Whether every value moves by itself, looking at no other. */
  readonly elementwise: boolean;
  /** `update` for one parameter that stands in a variable, where there are ops for it. */
  readonly changeInPlace?: ChangeInPlace;
  /** State tensors of `parameters`, all at their start; the caller owns them. */
  init(parameters: Tensors): Tensors;
  /** One step. learningRate [G] (schedule applied), step a scalar counted from 1. */
  update(
    parameters: Tensors,
    gradients: Tensors,
    state: Tensors,
    learningRate: tf.Tensor1D,
    step: tf.Scalar,
  ): Updated;
}

export type Updated = { parameters: Tensors; state: Tensors };

/** A rule's step for one parameter, called "0", by ops that change variables. It has one member, [1, ...]. */
export type ChangeInPlace = (
  parameters: Tensors,
  gradients: Tensors,
  state: Tensors,
  learningRate: tf.Tensor1D,
  step: tf.Scalar,
) => Updated;

/** Moves parameters, named by numbers. */
export type Move = (parameters: Tensors, gradients: Tensors, state: Tensors) => Updated;
