import * as tf from '@tensorflow/tfjs';
import { gelu } from '#engine/ops/gelu.js';

export type Activation = 'gelu' | 'gelu_new' | 'gelu_pytorch_tanh' | 'relu' | 'silu';

/** By Hugging Face's name. */
export function activate(kind: Activation, x: tf.Tensor3D): tf.Tensor3D {
  if (kind === 'relu') return tf.relu(x);
  if (kind === 'silu') return tf.mul(x, tf.sigmoid(x));
  return gelu(x, kind === 'gelu' ? 'erf' : 'tanh') as tf.Tensor3D;
}
