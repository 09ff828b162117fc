import type * as tf from '@tensorflow/tfjs';
import type { Optimizer as OptimizerConfig } from '#contracts/optimizer.js';
import type { Tensors } from '../step/step.js';
import { type AddedRows, addedRows } from '../memory/added-rows.js';
import { isNative, nativeBackend } from '../native/backend.js';
import { fused } from '../memory/fused.js';
import { standsInPlace } from './in-place.js';
import { adafactor } from './adafactor.js';
import { adamW } from './adamw.js';
import { sgd } from './sgd.js';
import type { Move, OptimizerRule, Updated } from './rule.js';
import { tableUpdate } from './table-update.js';

export function optimizerRule(config: OptimizerConfig): OptimizerRule {
  const rule = ruleOf(config);
  const { learningRate: _argument, ...fixed } = config;
  return { ...rule, update: (...args) => inLoops(`update ${JSON.stringify(fixed)}`, rule, args) };
}

/** Reads and writes every statistic once, instead of once for each operation of the rule. A loop has a few
 *  parameters, so that it runs as soon as their gradients are there, beside the rest of the way back, and
 *  those gradients are gone when the next are made. */
function inLoops(
  called: string,
  rule: OptimizerRule,
  [parameters, gradients, all, rate, step]: Parameters<OptimizerRule['update']>,
) {
  const updated: Updated = { parameters: {}, state: {} };
  const move: Move = (parameters, gradients, state) =>
    fused(
      called,
      { parameters, gradients, state, scalars: { rate, step } },
      ({ parameters, gradients, state, scalars }) =>
        rule.update(
          parameters,
          gradients,
          state,
          scalars['rate'] as tf.Tensor1D,
          scalars['step'] as tf.Scalar,
        ),
    );
  const inPlace = (name: string) =>
    rule.changeInPlace !== undefined &&
    standsInPlace(parameters[name]!, numberedState([name], parameters, all));
  for (const names of loops(parameters, inPlace)) {
    const [of, by, state] = [
      numbered(names, parameters),
      numbered(names, gradients),
      numberedState(names, parameters, all),
    ];
    const rows = rule.elementwise && names.length === 1 ? fewRows(by['0']!) : undefined;
    const change: Move = inPlace(names[0]!) ? (p, g, s) => rule.changeInPlace!(p, g, s, rate, step) : move;
    const next = rows
      ? tableUpdate(of['0']!, rows, state, { table: rows.rest ? change : move, rows: move })
      : change(of, by, state);
    names.forEach((name, i) => (updated.parameters[name] = next.parameters[i]!));
    for (const [key, tensor] of Object.entries(next.state)) {
      const [i, kept] = key.split('.') as [string, string];
      updated.state[`${names[Number(i)]}.${kept}`] = tensor;
    }
  }
  return { parameters: inOrderOf(parameters, updated.parameters), state: inOrderOf(all, updated.state) };
}

/** What was added into a table whose rows a batch mostly does not read by their ids. On a GPU a table is
 *  moved whole, which is quick there. */
function fewRows(gradient: tf.Tensor): AddedRows | undefined {
  if (isNative() && nativeBackend().native.isUsingGpuDevice()) return undefined;
  const added = addedRows(gradient);
  return added && added.ids.size * 4 <= gradient.shape[1]! ? added : undefined;
}

/** Values of a loop's parameters, about; a larger tensor is alone. */
const loopSize = 2 ** 20;

/** The parameters' names, neighbours together but for those that are to be `alone`. */
function loops(parameters: Tensors, alone: (name: string) => boolean): string[][] {
  const found: string[][] = [];
  let room = 0;
  for (const [name, { size }] of Object.entries(parameters)) {
    const own = alone(name);
    if (own || size > room || found.length === 0) {
      found.push([]);
      room = loopSize;
    }
    found.at(-1)!.push(name);
    room = own ? 0 : room - size;
  }
  return found;
}

// By number and not by name, loops of layers that are alike are one function.
const numbered = (names: readonly string[], tensors: Tensors): Tensors =>
  Object.fromEntries(names.map((name, i) => [String(i), tensors[name]!]));

function numberedState(names: readonly string[], parameters: Tensors, all: Tensors): Tensors {
  const numbers = new Map(names.map((name, i) => [name, i]));
  const own = Object.entries(all).flatMap(([key, tensor]): [string, tf.Tensor][] => {
    if (Object.hasOwn(parameters, key)) return [];
    const dot = key.lastIndexOf('.');
    const number = numbers.get(key.slice(0, dot));
    return number === undefined ? [] : [[`${number}${key.slice(dot)}`, tensor]];
  });
  return Object.fromEntries(own);
}

/** A step tells signatures apart by the order of their tensors, so that must not change from one step to the
 *  next. */
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
