import * as tf from '@tensorflow/tfjs';
import { fused } from '../memory/fused.js';
import type { Lane } from '../step/lanes.js';
import { differentiable } from './differentiable.js';
import { randomBits } from './random.js';

/** What names the values that are dropped. */
export interface Draws {
  seeds: tf.Tensor2D; // int32 [G, 2], other at every step
  lane?: Lane; // absent: x has all rows
}

/** Drops values with probability `rate` and scales the rest by 1 / (1 - rate) (Srivastava et al. 2014). x [G
 *  * N, ...] is member-major, what a member loses depends on its own seed alone, neither on who trains beside
 *  it nor on the lane. `site` tells the dropouts of one step apart. */
export function dropout(x: tf.Tensor, rate: number, { seeds, lane }: Draws, site: number): tf.Tensor {
  if (rate === 0) return x;
  const members = seeds.shape[0];
  const own = [x.shape[0]! / members, ...x.shape.slice(1)]; // a member's
  const from = lane ? (lane.from * (x.size / members)) / (lane.to - lane.from) : 0;
  const bits = tf.concat(tf.unstack(seeds).map((seed) => randomBits(own, seed as tf.Tensor1D, site, from)));
  const least = Math.ceil(rate * 2 ** 32) - 2 ** 31;
  const scaled = (x: tf.Tensor, kept: tf.Tensor) =>
    tf.mul(x, tf.mul(tf.cast(kept, 'float32'), 1 / (1 - rate)));
  return differentiable(
    { x },
    (save) => {
      const { y, kept } = fused(`dropout ${rate}`, { of: { x, bits } }, ({ of }) => {
        const kept = tf.greaterEqual(of.bits, tf.scalar(least, 'int32'));
        return { result: { y: scaled(of.x, kept), kept } };
      }).result;
      save([kept]);
      return y;
    },
    (dy, saved) => {
      const back = () =>
        fused(`dropout_gradient ${rate}`, { of: { dy, kept: saved[0]! } }, ({ of }) => ({
          result: { dx: scaled(of.dy, of.kept) },
        }));
      return { x: () => back().result.dx };
    },
  );
}
