import * as tf from '@tensorflow/tfjs';
import type { Tensors } from '#engine/step/step.js';
import type { Answering } from '../answers/answering.js';
import type { Row } from './row.js';

/** Rows as a step reads them, and what is to be answered. They come in blocks, the i-th of member i mod G.
 *  The caller owns the tensors. */
export type RowReader = (blocks: readonly (readonly Row[])[]) => Tensors;

/** Rows as their answering has them. Where losses are sums over tokens, `shares` [N] stand beside them. */
export function answeringReader(
  { tensors, counted }: Pick<Answering, 'tensors' | 'counted'>,
  members: number,
): RowReader {
  return (blocks) => {
    const batch = tensors(blocks.flat());
    return counted ? { ...batch, shares: sharesOf(blocks, members, counted) } : batch;
  };
}

/** What each row's summed loss is times, so that a member's mean over rows and forward passes is the mean
 *  over all its tokens that count, as in transformers: a short text weighs less than a long one, and several
 *  passes are as one. */
function sharesOf(
  blocks: readonly (readonly Row[])[],
  members: number,
  countedIn: (row: Row) => number,
): tf.Tensor1D {
  const counted = new Array<number>(members).fill(0);
  for (const [i, block] of blocks.entries()) for (const row of block) counted[i % members]! += countedIn(row);
  const passes = blocks.length / members;
  const shares = blocks.flatMap((block, i) =>
    block.map(() => (passes * block.length) / Math.max(1, counted[i % members]!)),
  );
  return tf.tensor1d(shares);
}
