import * as tf from '@tensorflow/tfjs';
import { lengthBucket } from '#engine/step/buckets.js';
import type { Tensors } from '#engine/step/step.js';

/** Label of a position that counts for nothing. */
export const ignoredLabel = -100;

/** An example as the model reads it. */
export interface EncodedExample {
  ids: number[];
  label: number;
  tags?: TokenTags; // tagging; `label` means nothing then
  closed?: Float32Array; // mixture: what is added to its scores, far below zero for classes of other tasks
}

/** The tags of an example's words among its tokens. */
export interface TokenTags {
  labels: Int32Array; // one a token: its word's tag at a word's first piece, else ignoredLabel
  places: Int32Array; // one a word: where its first piece stands, -1 where it was cut
}

/** Rows right-padded to a bucket, or to `longest` where that is less: ids int32 [N, T] and mask float32 [N, T]. The caller owns them. */
export function tokenTensors(
  rows: readonly (readonly number[])[],
  padId: number,
  longest = Infinity,
): { ids: tf.Tensor2D; mask: tf.Tensor2D } {
  const length = Math.min(longest, lengthBucket(Math.max(...rows.map((r) => r.length))));
  const ids = new Int32Array(rows.length * length).fill(padId);
  const mask = new Float32Array(rows.length * length);
  rows.forEach((row, r) => {
    ids.set(row, r * length);
    mask.fill(1, r * length, r * length + row.length);
  });
  const shape: [number, number] = [rows.length, length];
  return { ids: tf.tensor2d(ids, shape, 'int32'), mask: tf.tensor2d(mask, shape) };
}

/** tokenTensors and what is to be answered: labels int32 [N], or those of tokens [N, T], and for mixtures what is closed to each [N, C]. */
export function batchTensors(examples: readonly EncodedExample[], padId: number, longest?: number): Tensors {
  const rows = tokenTensors(
    examples.map((e) => e.ids),
    padId,
    longest,
  );
  if (examples[0]?.tags) return { ...rows, labels: tokenLabels(examples, rows.ids.shape[1]), ...closedTensor(examples) };
  return { ...rows, ...labelTensors(examples) };
}

/** labels int32 [N], and for mixtures `closed` [N, C]. */
export function labelTensors(examples: readonly EncodedExample[]): Tensors {
  return { labels: tf.tensor1d(examples.map((e) => e.label), 'int32'), ...closedTensor(examples) }; // prettier-ignore
}

function closedTensor(examples: readonly EncodedExample[]): Tensors {
  const classes = examples[0]?.closed?.length;
  if (classes === undefined) return {};
  const flat = new Float32Array(examples.length * classes);
  examples.forEach(({ closed }, r) => flat.set(closed!, r * classes));
  return { closed: tf.tensor2d(flat, [examples.length, classes]) };
}

function tokenLabels(examples: readonly EncodedExample[], length: number): tf.Tensor2D {
  const labels = new Int32Array(examples.length * length).fill(ignoredLabel);
  examples.forEach(({ tags }, r) => labels.set(tags!.labels, r * length));
  return tf.tensor2d(labels, [examples.length, length], 'int32');
}
