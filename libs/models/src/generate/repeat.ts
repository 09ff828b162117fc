import * as tf from '@tensorflow/tfjs';
import type { Past } from '../past.js';

/** Each row of x `times` times in a row. */
export function repeatedRows<T extends tf.Tensor>(x: T, times: number): T {
  if (times === 1) return x;
  const [rows, ...rest] = x.shape as [number, ...number[]];
  return tf.reshape(tf.tile(tf.expandDims(x, 1), [1, times, ...rest.map(() => 1)]), [
    rows * times,
    ...rest,
  ]) as T;
}

/** Each row of what a decoder has seen `times` times in a row. */
export function repeatedPast({ layers, mask, length }: Past, times: number): Past {
  const each = layers.map(({ keys, values }) => ({
    keys: repeatedRows(keys, times),
    values: repeatedRows(values, times),
  }));
  return { layers: each, mask: mask && repeatedRows(mask, times), length };
}
