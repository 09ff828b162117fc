import type * as tf from '@tensorflow/tfjs';
import { isNative, nativeBackend } from '../native/backend.js';
import type { OpAttr } from '../native/types.js';
import type { Tensors } from '../step/step.js';

/** Values from which passes over memory cost more than ops of a parameter's own. */
const worthOwnOps = 2 ** 17;

/** Whether a parameter and what is kept of it can be changed where they stand: in variables of the step being
 *  traced. */
export function standsInPlace(parameter: tf.Tensor, state: Tensors): boolean {
  return (
    parameter.shape[0] === 1 &&
    parameter.size > worthOwnOps &&
    [parameter, ...Object.values(state)].every(isVariable)
  );
}

export function isVariable(tensor: tf.Tensor): boolean {
  const tracer = isNative() ? nativeBackend().native.tracer : undefined;
  return tracer?.isVariable(nativeBackend().ids([tensor])[0]!) ?? false;
}

/** Runs an op on variables of the step being traced, and gives what they hold then. */
export function changed(
  op: string,
  attrs: OpAttr[],
  variables: tf.Tensor[],
  inputs: tf.Tensor[],
): tf.Tensor[] {
  const backend = nativeBackend();
  const wide = backend.ids(inputs).map((id) => backend.native.widened(id));
  const next = backend.native.tracer!.change(op, attrs, backend.ids(variables), wide);
  return next.map((metadata) => backend.tensorOf(metadata));
}

/** What `make` records is computed no sooner than `gradient` is there: a new value of every parameter at the
 *  start would double them all. */
export function late(gradient: tf.Tensor, make: () => tf.Tensor): tf.Tensor {
  const backend = nativeBackend();
  return backend.native.tracer!.after(backend.ids([gradient])[0]!, make);
}
