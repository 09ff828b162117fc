import * as tf from '@tensorflow/tfjs';
import { embedding } from '#engine/ops/embedding.js';
import type { KeysAndValues } from './heads.js';

/** What a decoder has seen: each layer's keys and values, and which of its `length` positions count (undefined: all of them). */
export interface Past {
  layers: KeysAndValues[];
  mask: tf.Tensor2D | undefined;
  length: number;
}

/** A layer's keys and values with the new ones behind them. */
export function joined(past: KeysAndValues | undefined, own: KeysAndValues): KeysAndValues {
  if (!past) return own;
  return { keys: tf.concat([past.keys, own.keys], 2), values: tf.concat([past.values, own.values], 2) };
}

/** The mask of the past with the new positions, all of which count. */
export function longerMask(mask: tf.Tensor2D | undefined, ids: tf.Tensor2D): tf.Tensor2D | undefined {
  return mask && (tf.concat([mask, tf.ones(ids.shape)], 1) as tf.Tensor2D);
}

/** Row i goes on from row from[i] of the past given, which is left as it is. */
export function reordered({ layers, mask, length }: Past, from: readonly number[]): Past {
  const order = tf.tensor1d([...from], 'int32');
  const pick = <T extends tf.Tensor>(x: T) => {
    const rows = tf.reshape(x, [x.shape[0]!, -1]) as tf.Tensor2D;
    return tf.reshape(embedding(rows, order), [from.length, ...x.shape.slice(1)]) as T;
  };
  const moved = layers.map((l) => ({ keys: pick(l.keys), values: pick(l.values) }));
  return { layers: moved, mask: mask && pick(mask), length };
}

/** The last `count` positions of x [N, T, D]. */
export function lastPositions(x: tf.Tensor3D, count: number): tf.Tensor3D {
  const [n, length, d] = x.shape;
  return length === count ? x : tf.slice(x, [0, length - count, 0], [n, count, d]);
}
