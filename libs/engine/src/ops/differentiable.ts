import * as tf from '@tensorflow/tfjs';

type Inputs = Record<string, tf.Tensor>;
type Gradients<I extends Inputs> = { [K in keyof I]: () => tf.Tensor };

interface Engine {
  runKernelFunc(params: {
    inputs: Inputs;
    forwardFunc: (backend: unknown, save: (tensors: tf.Tensor[]) => void) => tf.Tensor;
    backwardsFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => Record<string, () => tf.Tensor>;
  }): tf.Tensor;
}

/** An op with its own gradient. Unlike tf.customGrad the gradients are thunks, one an input: tfjs calls only
 *  those on the way to a trainable tensor, so nothing is computed for frozen weights. `forward` may save
 *  tensors for the backward pass. */
export function differentiable<I extends Inputs>(
  inputs: I,
  forward: (save: (tensors: tf.Tensor[]) => void) => tf.Tensor,
  backward: (dy: tf.Tensor, saved: tf.Tensor[]) => Gradients<I>,
): tf.Tensor {
  return (tf.engine() as unknown as Engine).runKernelFunc({
    inputs,
    forwardFunc: (_backend, save) => forward(save),
    backwardsFunc: (dy, saved) => backward(dy, saved),
  });
}
