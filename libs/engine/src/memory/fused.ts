import { createHash } from 'node:crypto';
import type * as tf from '@tensorflow/tfjs';
import { isNative, nativeBackend } from '../native/backend.js';
import { productPrecision } from '../native/precision.js';
import type { Tensors } from '../step/step.js';
import type { Callee, Trace } from '../native/types.js';
import { Tracer } from '../step/tracer.js';

type Groups = Record<string, Tensors>;

/** Input values from which passes are bound by memory; below, they stay in the cache and a call costs more
 *  than it saves. */
const worthFusing = 2 ** 18;

/** By what they compute. They stay for good, since steps of all lengths of text call the same ones, and are
 *  as few as there are shapes of parameters; XLA finds them on disk by their names. */
const callees = new Map<string, Callee>();

/** Computes `fn` of `inputs`. In a step that TensorFlow's own kernels run, `fn` becomes a function of its own
 *  that XLA compiles into few loops: many passes over large tensors in memory become one, while the matrix
 *  products around it keep the faster kernels. `fn` may use nothing but its inputs and what it makes.
 *  `passes`: how many values its loops would pass over one by one, where that is not the inputs' number.
 *  `name` says what it computes: the same for inputs of the same names and shapes is compiled once, for all
 *  steps, so what `fn` captures (numbers) belongs in it. */
export function fused<I extends Groups, O extends Groups>(
  name: string,
  inputs: I,
  fn: (inputs: I) => O,
  passes = sizeOf(inputs),
): O {
  const outer = isNative() ? nativeBackend().native.tracer : undefined;
  if (!outer || outer.xla || passes < worthFusing) return fn(inputs);
  const given = entries(inputs).map(({ tensor }) => nativeBackend().metadata(tensor));
  const typeOf = (tensor: tf.Tensor) => (nativeBackend().isNarrow(tensor) ? 'bfloat16' : tensor.dtype);
  const described = entries(inputs).map(
    ({ group, key, tensor }) => `${group}.${key}:${typeOf(tensor)}[${tensor.shape.join()}]`,
  );
  const precision = productPrecision() === 'float32' ? '' : ` in ${productPrecision()}`;
  const signature = `${name} ${described.join(' ')}${precision}`;
  const callee = callees.get(signature) ?? traced(outer, functionName(signature), inputs, fn);
  callees.set(signature, callee);
  const outputs = empty(callee.groups);
  outer.call(callee, given).forEach((output, i) => {
    const { group, key } = callee.results[i]!;
    outputs[group]![key] = nativeBackend().tensorOf(output);
  });
  return outputs as O;
}

/** `fn` as a function of the context that XLA compiles. */
function traced<I extends Groups>(outer: Trace, name: string, inputs: I, fn: (inputs: I) => Groups): Callee {
  const { native: binding } = nativeBackend();
  const inner = new Tracer(binding, name, true);
  binding.tracer = inner;
  try {
    const inside = empty(Object.keys(inputs));
    for (const { group, key, tensor } of entries(inputs)) {
      const { shape, dtype } = nativeBackend().metadata(tensor);
      inside[group]![key] = nativeBackend().tensorOf(inner.argument(shape, dtype));
    }
    const outputs = fn(inside as I);
    const results = entries(outputs).map(({ group, key, tensor }) => ({
      group,
      key,
      ...nativeBackend().metadata(tensor),
    }));
    return { name, groups: Object.keys(outputs), results, fn: inner.finish(results.map((r) => r.id)) };
  } finally {
    binding.tracer = outer;
    inner.dispose();
  }
}

const functionName = (signature: string): string =>
  `fused_${signature.slice(0, 12).replaceAll(/[^A-Za-z0-9]/g, '_')}_${createHash('sha256').update(signature).digest('hex').slice(0, 16)}`;

const empty = (names: readonly string[]): Groups => Object.fromEntries(names.map((name) => [name, {}]));

const sizeOf = (groups: Groups): number => entries(groups).reduce((sum, { tensor }) => sum + tensor.size, 0);

const entries = (groups: Groups) =>
  Object.entries(groups).flatMap(([group, tensors]) =>
    Object.entries(tensors).map(([key, tensor]) => ({ group, key, tensor })),
  );
