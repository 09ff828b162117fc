import type * as tf from '@tensorflow/tfjs';
import type { Optimizer as OptimizerConfig } from '#contracts/optimizer.js';
import type { Tensors } from '../step.js';
import { adafactor } from './adafactor.js';
import { adamW } from './adamw.js';
import { sgd } from './sgd.js';

/** A pure update rule. Parameters carry a leading member axis [G, ...] and every statistic is taken per member, so that a trial
 *  moves in a gang exactly as it moves alone. */
export interface OptimizerRule {
  /** State tensors of `parameters`, all at their start; the caller owns them. */
  init(parameters: Tensors): Tensors;
  /** One step. learningRate [G] (schedule applied), step a scalar counted from 1. */
  update(
    parameters: Tensors,
    gradients: Tensors,
    state: Tensors,
    learningRate: tf.Tensor1D,
    step: tf.Scalar,
  ): { parameters: Tensors; state: Tensors };
}

export function optimizerRule(config: OptimizerConfig): OptimizerRule {
  switch (config.name) {
    case 'adamw':
      return adamW(config);
    case 'adafactor':
      return adafactor(config);
    case 'sgd':
      return sgd(config);
    default:
      return config satisfies never;
  }
}
