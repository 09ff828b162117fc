import * as tf from '@tensorflow/tfjs';
import { type Adaptation, dropped } from './adaptation.js';

/** x + sublayer(normed), past dropout (unless `undropped`) and the sublayer hook, with `normed` the norm of x
 *  [N, T, D]; `at` names the sublayer. */
export function preNorm(
  { adaptation }: { adaptation: Adaptation | undefined },
  at: string,
  x: tf.Tensor3D,
  normed: tf.Tensor3D,
  sublayer: (h: tf.Tensor3D) => tf.Tensor3D,
  { undropped = false } = {},
): tf.Tensor3D {
  const y = undropped ? sublayer(normed) : dropped(adaptation, at, sublayer(normed));
  return tf.add(x, adaptation?.sublayer?.(at, normed, y) ?? y);
}
