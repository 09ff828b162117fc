import * as tf from '@tensorflow/tfjs';
import type { Adaptation } from './adaptation.js';

/** x + sublayer(normed), past the sublayer hook, with `normed` the norm of x [N, T, D]; `at` names the
 *  sublayer. */
export function preNorm(
  { adaptation }: { adaptation: Adaptation | undefined },
  at: string,
  x: tf.Tensor3D,
  normed: tf.Tensor3D,
  sublayer: (h: tf.Tensor3D) => tf.Tensor3D,
): tf.Tensor3D {
  const y = sublayer(normed);
  return tf.add(x, adaptation?.sublayer?.(at, normed, y) ?? y);
}
