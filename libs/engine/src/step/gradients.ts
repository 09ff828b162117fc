import * as tf from '@tensorflow/tfjs';
import { joinedSum } from '../memory/joined-sum.js';
import { isNative, nativeBackend } from '../native/backend.js';
import type { Tensors } from './step.js';

/** What of tfjs's engine is private in its types and needed here. */
interface Engine {
  gradients(
    f: () => tf.Tensor,
    xs: tf.Tensor[],
    dy: undefined,
    allowNone: boolean,
  ): { value: tf.Tensor; grads: (tf.Tensor | null)[] };
  track(tensor: tf.Tensor): tf.Tensor;
}

/** Tells a trace that what comes is of another way, forward or back. */
function turn(): void {
  if (isNative()) nativeBackend().native.tracer?.turn();
}

/** A scalar loss, what else its computation gives, and the gradient of the loss for each parameter (zeros
 *  where it is not reached). Nothing is differentiated but what lies between the parameters and the loss. */
export function valueAndGradients<Aux extends Tensors>(
  compute: () => { loss: tf.Scalar; aux: Aux },
  parameters: Tensors,
): { loss: tf.Scalar; aux: Aux; gradients: Tensors } {
  const engine = tf.engine() as unknown as Engine;
  const names = Object.keys(parameters);
  let aux = {} as Aux;
  const forward = () => {
    const result = compute();
    aux = result.aux;
    for (const tensor of Object.values(aux)) tf.keep(tensor); // past the forward scope
    turn();
    return result.loss;
  };
  const { value, grads } = engine.gradients(
    forward,
    names.map((n) => parameters[n]!),
    undefined,
    true,
  );
  turn();
  for (const tensor of Object.values(aux)) {
    (tensor as { kept: boolean }).kept = false;
    engine.track(tensor); // the caller's scope owns it again
  }
  const gradients = Object.fromEntries(
    names.map((n, i) => [n, grads[i] ? joinedSum(grads[i]) : tf.zerosLike(parameters[n]!)]),
  );
  return { loss: value as tf.Scalar, aux, gradients };
}
