import * as tf from '@tensorflow/tfjs';
import { placeRows } from '#engine/ops/place-rows.js';
import type { KeysAndValues, Memory } from './heads.js';

/** What a decoder has seen: each layer's keys and values, and which of its `length` positions count
 *  (undefined: all of them). */
export interface Past {
  layers: KeysAndValues[];
  mask: tf.Tensor2D | undefined;
  length: number;
  slots?: Slots; // absent: what is new stands behind it
}

/** A past of a fixed size, so that a step is compiled once for many tokens: behind `length` positions that
 *  were read at the start come slots, `beams` for every later token. The beams of a text are the positions
 *  [N, beams] of one pass; each sees the slots of its own ancestors, so that none is ever moved, and what was
 *  read at the start is there once. */
export interface Slots {
  beams: number;
  step: tf.Scalar; // int32: how many tokens stand in slots already; the new ones take the next slots
  positions: tf.Tensor2D; // int32 [N, beams]: places of the new tokens among those of their text that count
  // [N, 1, beams, S] over the start and all slots: 0 where a beam sees it, else so low that it is silent
  bias: tf.Tensor4D;
}

/** A layer's keys and values with the new ones behind them, or in their slots: then the past given is written
 *  over. */
export function joined(past: Past | undefined, layer: number, own: KeysAndValues): KeysAndValues {
  const before = past?.layers[layer];
  if (!before) return own;
  const { slots, length } = past;
  const join = (a: tf.Tensor4D, b: tf.Tensor4D) =>
    slots ? placed(a, b, { length, step: slots.step }) : (tf.concat([a, b], 2) as tf.Tensor4D);
  return { keys: join(before.keys, own.keys), values: join(before.values, own.values) };
}

/** all [N, H, S, d] with `own` [N, H, T, d] in the slots of this step. */
function placed(
  all: tf.Tensor4D,
  own: tf.Tensor4D,
  { length, step }: { length: number; step: tf.Scalar },
): tf.Tensor4D {
  const [n, heads, size, d] = all.shape;
  const count = own.shape[2];
  const first = Int32Array.from(
    { length: n * heads * count },
    (_, i) => Math.floor(i / count) * size + length + (i % count),
  );
  const places = tf.add(tf.tensor1d(first, 'int32'), tf.mul(step, tf.scalar(count, 'int32'))) as tf.Tensor1D;
  const rows = (t: tf.Tensor4D) => tf.reshape(t, [-1, d]) as tf.Tensor2D;
  return tf.reshape(placeRows(rows(all), places, rows(own)), all.shape) as tf.Tensor4D;
}

/** What new positions look at, of keys and values that are joined already; `mask` is of past and new
 *  positions where there are no slots. */
export function lookedAt(past: Past | undefined, seen: KeysAndValues, mask: tf.Tensor2D | undefined): Memory {
  return past?.slots ? { ...seen, bias: past.slots.bias } : { ...seen, mask };
}

/** Whether new positions may not look at each other freely: those behind see those in front. Beams do not see
 *  each other at all. */
export const isCausal = (past: Past | undefined, count: number): boolean => count > 1 && !past?.slots;

/** The last `count` positions of x [N, T, D]. */
export function lastPositions(x: tf.Tensor3D, count: number): tf.Tensor3D {
  const [n, length, d] = x.shape;
  return length === count ? x : tf.slice(x, [0, length - count, 0], [n, count, d]);
}
