import type { Tensors } from '#engine/step.js';
import { batchTensors, type EncodedExample } from './encode-examples.js';

/** Rows as a step reads them, and their labels. They come in blocks, the i-th of member i mod G. The caller owns the tensors. */
export type RowReader = (blocks: readonly (readonly EncodedExample[])[]) => Tensors;

/** Rows as token ids; `longest`: tokens of an example, at most. */
export function tokenReader({ padId, longest }: { padId: number; longest: number }): RowReader {
  return (blocks) => batchTensors(blocks.flat(), padId, longest);
}
