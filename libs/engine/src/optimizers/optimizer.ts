import type * as tf from '@tensorflow/tfjs';
import type { Optimizer as OptimizerConfig } from '#contracts/optimizer.js';
import type { Tensors } from '../step.js';
import { fused } from '../fused.js';
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
  const rule = ruleOf(config);
  return { init: rule.init, update: (...args) => inOneLoop(rule, args) };
}

/** Reads and writes every statistic once, instead of once for each operation of the rule. */
function inOneLoop(rule: OptimizerRule, [parameters, gradients, all, rate, step]: Parameters<OptimizerRule['update']>) {
  const state = Object.fromEntries(Object.entries(all).filter(([name]) => !Object.hasOwn(parameters, name)));
  return fused('update', { parameters, gradients, state, scalars: { rate, step } }, ({ parameters, gradients, state, scalars }) =>
    rule.update(parameters, gradients, state, scalars['rate'] as tf.Tensor1D, scalars['step'] as tf.Scalar),
  );
}

function ruleOf(config: OptimizerConfig): OptimizerRule {
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
