import type * as tf from '@tensorflow/tfjs';
import type { Optimizer as OptimizerConfig } from '#contracts/optimizer.js';
import type { Tensors } from '../step.js';
import { fused } from '../fused.js';
import { laneCount } from '../lanes.js';
import { adafactor } from './adafactor.js';
import { adamW } from './adamw.js';
import { sgd } from './sgd.js';

/** A pure update rule. Parameters carry a leading member axis [G, ...] and every statistic is taken per member, so that a trial
 *  moves in a gang exactly as it moves alone. */
export interface OptimizerRule {
  /** State tensors of `parameters`, all at their start; the caller owns them. */
  init(parameters: Tensors): Tensors;
  /** One step. learningRate [G] (schedule applied), step a scalar counted from 1. */
  update(parameters: Tensors, gradients: Tensors, state: Tensors, learningRate: tf.Tensor1D, step: tf.Scalar): Updated;
}

type Updated = { parameters: Tensors; state: Tensors };

export function optimizerRule(config: OptimizerConfig): OptimizerRule {
  const rule = ruleOf(config);
  return { init: rule.init, update: (...args) => inLoops(rule, args) };
}

/** Reads and writes every statistic once, instead of once for each operation of the rule; lanes share the parameters. */
function inLoops(rule: OptimizerRule, [parameters, gradients, all, rate, step]: Parameters<OptimizerRule['update']>) {
  const updated: Updated = { parameters: {}, state: {} };
  for (const names of shared(parameters, laneCount())) {
    const own = (tensors: Tensors) => Object.fromEntries(names.map((n) => [n, tensors[n]!]));
    const state = Object.fromEntries(Object.entries(all).filter(([key]) => names.some((n) => isStateOf(n, key))));
    const given = { parameters: own(parameters), gradients: own(gradients), state, scalars: { rate, step } };
    const next = fused('update', given, ({ parameters, gradients, state, scalars }) =>
      rule.update(parameters, gradients, state, scalars['rate'] as tf.Tensor1D, scalars['step'] as tf.Scalar),
    );
    Object.assign(updated.parameters, next.parameters);
    Object.assign(updated.state, next.state);
  }
  return { parameters: inOrderOf(parameters, updated.parameters), state: inOrderOf(all, updated.state) };
}

/** The parameters' names in parts of about the same size. */
function shared(parameters: Tensors, parts: number): string[][] {
  const found = Array.from({ length: parts }, () => ({ size: 0, names: [] as string[] }));
  for (const [name, { size }] of Object.entries(parameters).toSorted(([, a], [, b]) => b.size - a.size)) {
    const smallest = found.reduce((a, b) => (b.size < a.size ? b : a));
    smallest.size += size;
    smallest.names.push(name);
  }
  return found.map((part) => part.names).filter((names) => names.length > 0);
}

const isStateOf = (parameter: string, key: string): boolean =>
  key.startsWith(`${parameter}.`) && !key.slice(parameter.length + 1).includes('.');

/** A step tells signatures apart by the order of their tensors, so that must not change from one step to the next. */
const inOrderOf = (like: Tensors, tensors: Tensors): Tensors =>
  Object.fromEntries(Object.keys(like).flatMap((name) => (tensors[name] ? [[name, tensors[name]]] : [])));

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
