import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { gelu } from '#engine/ops/gelu.js';

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
      return tf.mul(x, tf.sigmoid(x));
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
