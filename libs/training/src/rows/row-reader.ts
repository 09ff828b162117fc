import * as tf from '@tensorflow/tfjs';
import type { Tensors } from '#engine/step/step.js';
import { ignoredLabel } from './encode-examples.js';
import { batchTensors, type EncodedExample } from './encode-examples.js';

/** Rows as a step reads them, and their labels. They come in blocks, the i-th of member i mod G. The caller owns the tensors. */
export type RowReader = (blocks: readonly (readonly EncodedExample[])[]) => Tensors;

interface Reading {
  padId: number;
  longest: number; // tokens of an example, at most
  members: number;
}

/** Rows as token ids. Rows of tagged words have `shares` [N] beside them. */
export function tokenReader({ padId, longest, members }: Reading): RowReader {
  return (blocks) => {
    const rows = blocks.flat();
    const batch = batchTensors(rows, padId, longest);
    return rows[0]?.tags ? { ...batch, shares: sharesOf(blocks, members) } : batch;
  };
}

/** What each row's summed loss is times, so that a member's mean over rows and forward passes is the mean over all its tokens that count, as in
 *  transformers: a short text weighs less than a long one, and several passes are as one. */
function sharesOf(blocks: readonly (readonly EncodedExample[])[], members: number): tf.Tensor1D {
  const counted = new Array<number>(members).fill(0);
  const countedIn = ({ tags }: EncodedExample) => tags!.labels.reduce((n, label) => n + Number(label !== ignoredLabel), 0);
  for (const [i, block] of blocks.entries()) for (const row of block) counted[i % members]! += countedIn(row);
  const passes = blocks.length / members;
  const shares = blocks.flatMap((block, i) => block.map(() => (passes * block.length) / Math.max(1, counted[i % members]!)));
  return tf.tensor1d(shares);
}
