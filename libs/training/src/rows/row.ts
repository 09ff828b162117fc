import * as tf from '@tensorflow/tfjs';
import { lengthBucket } from '#engine/step/buckets.js';
import type { TokenBatch } from '#models/batch.js';

/** A text as a model reads it. What is to be answered stands beside it, as its kind has it (answers/). */
export interface Row {
  ids: number[];
  types?: number[]; // token types, where the model tells the parts of a pair by them
}

/** Label of a position that counts for nothing. */
export const ignoredLabel = -100;

/** Rows right-padded to a bucket, or to `longest` where that is less: ids int32 [N, T], mask float32 [N, T],
 *  and types int32 [N, T] where the rows have them. The caller owns them. */
export function tokenTensors(rows: readonly Row[], padId: number, longest = Infinity): TokenBatch {
  const length = Math.min(longest, lengthBucket(Math.max(...rows.map((r) => r.ids.length))));
  const ids = new Int32Array(rows.length * length).fill(padId);
  const mask = new Float32Array(rows.length * length);
  rows.forEach((row, r) => {
    ids.set(row.ids, r * length);
    mask.fill(1, r * length, r * length + row.ids.length);
  });
  const shape: [number, number] = [rows.length, length];
  const types = rows.some((r) => r.types) && { types: tf.tensor2d(typesOf(rows, length), shape, 'int32') };
  return { ids: tf.tensor2d(ids, shape, 'int32'), mask: tf.tensor2d(mask, shape), ...types };
}

function typesOf(rows: readonly Row[], length: number): Int32Array {
  const types = new Int32Array(rows.length * length);
  rows.forEach((row, r) => types.set(row.types ?? [], r * length));
  return types;
}

/** Rows padded behind with `fill`, int32 [rows, width]; absent: as wide as the longest. */
export function idTable(
  rows: readonly (readonly number[])[],
  fill: number,
  width = Math.max(...rows.map((r) => r.length)),
): tf.Tensor2D {
  const padded = new Int32Array(rows.length * width).fill(fill);
  rows.forEach((row, r) => padded.set(row, r * width));
  return tf.tensor2d(padded, [rows.length, width], 'int32');
}

/** How wide targets of up to n tokens are made: few widths are traced. */
export const targetWidth = (n: number): number => (n <= 8 ? n : lengthBucket(n));
