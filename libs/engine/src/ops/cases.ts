import * as tf from '@tensorflow/tfjs';
import { attention } from './attention.js';
import { embedding } from './embedding.js';
import { gated, gelu, silu } from './gelu.js';
import { layerNorm, rmsNorm } from './layer-norm.js';
import { batchedLinear, linear } from './linear.js';
import { softmaxCrossEntropy } from './softmax-cross-entropy.js';

/** A small problem of one op: its inputs, all of which are differentiated, and the op. */
export interface OpCase {
  inputs: () => tf.Tensor[];
  op: (...xs: tf.Tensor[]) => tf.Tensor;
}

/** Random values that are the same on every backend. */
export const random = (shape: number[], seed: number): tf.Tensor =>
  tf.randomUniform(shape, -1, 1, 'float32', seed);

const ids = () => tf.tensor2d([1, 2, 1, 4], [2, 2], 'int32');
const mask = () => tf.tensor2d([1, 1, 1, 0, 1, 0, 0, 0], [2, 4]);

/** Every op of the engine, for the tests and for `engine doctor`. */
export const opCases: Record<string, OpCase> = {
  linear: {
    inputs: () => [random([2, 3, 4], 1), random([4, 5], 2), random([5], 3)],
    op: (x, w, b) => linear(x!, w!, b!, { transposed: false }),
  },
  'linear, transposed': {
    inputs: () => [random([3, 4], 1), random([5, 4], 2)],
    op: (x, w) => linear(x!, w!, null, { transposed: true }),
  },
  'linear, one a member': {
    inputs: () => [random([2, 3, 4], 1), random([2, 4, 5], 2)],
    op: (x, w) => batchedLinear(x as tf.Tensor3D, w as tf.Tensor3D),
  },
  embedding: { inputs: () => [random([6, 3], 1)], op: (table) => embedding(table as tf.Tensor2D, ids()) },
  layerNorm: {
    inputs: () => [random([3, 5], 1), random([5], 2), random([5], 3)],
    op: (x, g, b) => layerNorm(x!, g!, b!, 1e-5),
  },
  rmsNorm: { inputs: () => [random([3, 5], 1), random([5], 2)], op: (x, g) => rmsNorm(x!, g!, 1e-6) },
  'gelu by erf': { inputs: () => [random([3, 5], 1)], op: (x) => gelu(x!, 'erf') },
  'gelu by tanh': { inputs: () => [random([3, 5], 1)], op: (x) => gelu(x!, 'tanh') },
  silu: { inputs: () => [random([3, 5], 1)], op: (x) => silu(x!) },
  'gated by gelu': {
    inputs: () => [random([3, 5], 1), random([3, 5], 2)],
    op: (a, b) => gated(a!, b!, 'tanh'),
  },
  'gated by silu': {
    inputs: () => [random([3, 5], 1), random([3, 5], 2)],
    op: (a, b) => gated(a!, b!, 'silu'),
  },
  'softmax cross-entropy': {
    inputs: () => [random([4, 5], 1)],
    op: (logits) => softmaxCrossEntropy(logits as tf.Tensor2D, tf.tensor1d([0, 4, -100, 2], 'int32')),
  },
  'softmax cross-entropy, smoothed, with classes out of reach': {
    inputs: () => [random([4, 5], 1)],
    op: (logits) => {
      const closed = tf.tensor2d([0, 0, 0, 0, -1e9], [1, 5]);
      return softmaxCrossEntropy(tf.add(logits!, closed), tf.tensor1d([0, 3, -100, 2], 'int32'), 0.3);
    },
  },
  'attention, masked and biased': {
    inputs: () => [
      random([2, 2, 3, 4], 1),
      random([2, 2, 4, 4], 2),
      random([2, 2, 4, 4], 3),
      random([1, 2, 3, 4], 4),
    ],
    op: (q, k, v, bias) =>
      attention(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, {
        scale: 0.5,
        mask: mask(),
        bias: bias!,
      }),
  },
  'attention, causal': {
    inputs: () => [random([1, 2, 3, 4], 1), random([1, 2, 3, 4], 2), random([1, 2, 3, 4], 3)],
    op: (q, k, v) =>
      attention(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, { scale: 0.5, causal: true }),
  },
};

/** Values of the op and of its gradients for a fixed random direction. The tensors stay the caller's scope's.
 */
export function evaluate({ inputs, op }: OpCase): { value: number[]; gradients: number[][] } {
  const xs = inputs();
  const y = op(...xs);
  const direction = random(y.shape, 77);
  const gradients = tf.grads((...a) => tf.sum(tf.mul(op(...a), direction)))(xs);
  return { value: Array.from(y.dataSync()), gradients: gradients.map((g) => Array.from(g.dataSync())) };
}
