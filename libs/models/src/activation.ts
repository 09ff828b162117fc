import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { gated, gelu, silu } from '#engine/ops/gelu.js';

/** Activations by Hugging Face's names; several names mean one function. */
export const Activation = z.enum([
  'gelu',
  'gelu_python',
  'gelu_new',
  'gelu_fast',
  'gelu_pytorch_tanh',
  'gelu_accurate',
  'quick_gelu',
  'relu',
  'silu',
  'swish',
  'tanh',
]);
export type Activation = z.infer<typeof Activation>;

export function activate(kind: Activation, x: tf.Tensor3D): tf.Tensor3D {
  switch (kind) {
    case 'relu':
      return tf.relu(x);
    case 'silu':
    case 'swish':
      return silu(x) as tf.Tensor3D;
    case 'quick_gelu':
      return tf.mul(x, tf.sigmoid(tf.mul(x, 1.702)));
    case 'tanh':
      return tf.tanh(x);
    case 'gelu':
    case 'gelu_python':
      return gelu(x, 'erf') as tf.Tensor3D;
    default:
      return gelu(x, 'tanh') as tf.Tensor3D;
  }
}

/** activation(a) b, between the products of a gated feed-forward (Shazeer 2020). */
export function gate(kind: Activation, a: tf.Tensor3D, b: tf.Tensor3D): tf.Tensor3D {
  switch (kind) {
    case 'silu':
    case 'swish':
      return gated(a, b, 'silu') as tf.Tensor3D;
    case 'gelu':
    case 'gelu_python':
      return gated(a, b, 'erf') as tf.Tensor3D;
    case 'gelu_new':
    case 'gelu_fast':
    case 'gelu_pytorch_tanh':
    case 'gelu_accurate':
      return gated(a, b, 'tanh') as tf.Tensor3D;
    default:
      return tf.mul(activate(kind, a), b);
  }
}
