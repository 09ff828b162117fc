import * as tf from '@tensorflow/tfjs';
import { ownAxes, perMember } from './per-member.js';
import type { Tensors } from '../step/step.js';

/** Each member's gradients scaled so that their norm over all tensors is at most `maxNorm`; tensors are [G,
 *  ...] (Pascanu et al. 2013). */
export function clipByGlobalNorm(gradients: Tensors, maxNorm: number): Tensors {
  const squares = Object.values(gradients).map((g) =>
    g.rank === 1 ? tf.square(g) : tf.sum(tf.square(g), ownAxes(g)),
  );
  const norm = tf.sqrt(tf.addN(squares)); // [G]
  const factor = tf.minimum(1, tf.div(maxNorm, tf.add(norm, 1e-6)));
  return Object.fromEntries(
    Object.entries(gradients).map(([name, g]) => [name, tf.mul(g, perMember(factor, g.rank))]),
  );
}
