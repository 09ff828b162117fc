import * as tf from '@tensorflow/tfjs';
import type { Adaptation } from './adaptation.js';
import type { Past } from './past.js';

type Stack = 'encoder' | 'decoder';

/** Position ids int32 [N, T] of the last T places of a mask [N, S]: a place's rank among those that count, 0
 *  where it does not count. So padding on either side, and virtual tokens that are masked out, take no
 *  position. */
export function positionsOf(
  mask: tf.Tensor2D,
  count: number,
  stack: Stack,
  adaptation?: Adaptation,
): tf.Tensor2D {
  const ranks = tf.mul(tf.sub(tf.cumsum(mask, 1), 1), mask);
  const [n, length] = mask.shape;
  const last = tf.slice(ranks, [0, length - count], [n, count]);
  return shifted(tf.cast(tf.round(last), 'int32') as tf.Tensor2D, { rows: n, stack }, adaptation);
}

/** The same of the new positions behind `past`, whose mask covers both where what is new stands behind it. */
export function newPositions(
  past: Past | undefined,
  { mask, count }: { mask: tf.Tensor2D; count: number },
  stack: Stack,
  adaptation?: Adaptation,
): tf.Tensor2D {
  const own = past?.slots?.positions;
  return own
    ? shifted(own, { rows: own.shape[0], stack }, adaptation)
    : positionsOf(mask, count, stack, adaptation);
}

/** Position ids int32 [N, T] where a text begins at padding id + 1 and padding stands at the padding id
 *  (RoBERTa, MPNet): what the mask lets through is counted. */
export function positionsBehindPadding(
  mask: tf.Tensor2D,
  paddingId: number,
  adaptation: Adaptation,
): tf.Tensor2D {
  const [rows, length] = mask.shape;
  const first = tf.add(tf.cast(mask, 'int32'), tf.scalar(paddingId, 'int32'));
  const ids = tf.add(positionsOf(mask, length, 'encoder'), first) as tf.Tensor2D;
  return shifted(ids, { rows, stack: 'encoder' }, adaptation);
}

/** ids [N or 1, T] of a batch of N rows, past the positions hook. */
export function shifted(
  ids: tf.Tensor2D,
  of: { rows: number; stack: Stack },
  adaptation?: Adaptation,
): tf.Tensor2D {
  return adaptation?.positions?.(ids, of.rows, of.stack) ?? ids;
}

/** Virtual tokens and text are longer than the model's learned positions. */
export class TooFewPositions extends RangeError {
  constructor(length: number, available: number) {
    super(`${length} positions (virtual tokens and text), and the model has ${available}`);
    this.name = 'TooFewPositions';
  }
}

/** Throws TooFewPositions where learned positions do not reach. */
export function checkPositions(length: number, available: number): void {
  if (length > available) {
    throw new TooFewPositions(length, available);
  }
}

/** The state [N, D] of each row's last place that counts. */
export function lastState(states: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor2D {
  const length = mask.shape[1];
  const places = tf.mul(mask, tf.range(1, length + 1));
  const chosen = tf.cast(tf.equal(places, tf.max(places, 1, true)), 'float32');
  return tf.sum(tf.mul(states, tf.expandDims(chosen, 2)), 1) as tf.Tensor2D;
}
