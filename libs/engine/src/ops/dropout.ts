import * as tf from '@tensorflow/tfjs';
import { type Lane, laneOf } from '../lanes.js';
import { randomUniform } from './random.js';

/** What names the values that are dropped. */
export interface Draws {
  seeds: tf.Tensor2D; // int32 [G, 2], other at every step
  lane?: Lane; // absent: x has all rows
}

/** Drops values with probability `rate` and scales the rest by 1 / (1 - rate) (Srivastava et al. 2014). x [G * N, ...] is member-major,
 *  what a member loses depends on its own seed alone, neither on who trains beside it nor on the lane. `site` tells the dropouts of one step
 *  apart. */
export function dropout(x: tf.Tensor, rate: number, { seeds, lane }: Draws, site: number): tf.Tensor {
  if (rate === 0) return x;
  const members = seeds.shape[0];
  const share = lane ? lane.of / (lane.to - lane.from) : 1;
  const whole = [(x.shape[0]! / members) * share, ...x.shape.slice(1)];
  const draws = tf.concat(tf.unstack(seeds).map((seed) => randomUniform(whole, seed as tf.Tensor1D, site)));
  const kept = tf.cast(tf.greaterEqual(lane ? laneOf(draws, members, lane) : draws, rate), 'float32');
  return tf.mul(x, tf.mul(kept, 1 / (1 - rate)));
}
