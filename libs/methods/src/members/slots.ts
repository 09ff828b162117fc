/** Slots: places in a text whose ids are -1 - k, for row k of what a method trains. */
import * as tf from '@tensorflow/tfjs';
import type { Hidden } from '#models/adaptation.js';
import { repeatedForRows } from './members.js';

export const slotId = (k: number): number => -1 - k;

/** Which slot a place is, one-hot float32 [N, T, P]; zeros where it is none. */
export function slotsOf(ids: tf.Tensor2D, count: number): tf.Tensor3D {
  const [rows, length] = ids.shape;
  const index = tf.sub(tf.scalar(-1, 'int32'), ids);
  const each = tf.equal(tf.expandDims(index, 2), tf.reshape(tf.range(0, count, 1, 'int32'), [1, 1, count]));
  return tf.reshape(tf.cast(each, 'float32'), [rows, length, count]);
}

/** x with row k of its member's `rows` [G, P, D] in place of slot k. */
export function filled(x: Hidden, ids: tf.Tensor2D, rows: tf.Tensor3D): Hidden {
  const slots = slotsOf(ids, rows.shape[1]);
  const there = tf.sum(slots, 2, true);
  const own = tf.matMul(slots, repeatedForRows<tf.Tensor3D>(rows, ids.shape[0]));
  return { states: tf.add(tf.mul(x.states, tf.sub(1, there)), own), mask: x.mask };
}

/** Keys or values x [N, H, T, d] with `trained` [N, H, P, d] in place of the slots [N, T, P]. */
export function replaced(x: tf.Tensor4D, slots: tf.Tensor3D, trained: tf.Tensor4D): tf.Tensor4D {
  const [n, heads, length] = x.shape;
  const count = slots.shape[2];
  const each = tf.reshape(tf.tile(slots, [1, heads, 1]), [n, heads, length, count]) as tf.Tensor4D;
  const there = tf.expandDims(tf.sum(slots, 2, true), 1); // [N, 1, T, 1]
  return tf.add(tf.mul(x, tf.sub(1, there)), tf.matMul(each, trained)) as tf.Tensor4D;
}
