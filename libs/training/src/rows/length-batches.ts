import type { EncodedExample } from './encode-examples.js';

/** Indices in batches of rows of about the same length. The last batch is filled up with a row that it holds already, so that it has no
 *  shape of its own. */
export function lengthBatches(examples: readonly EncodedExample[], size: number): number[][] {
  const order = examples.map((_, i) => i).toSorted((a, b) => examples[a]!.ids.length - examples[b]!.ids.length || a - b);
  return Array.from({ length: Math.ceil(order.length / size) }, (_, b) => {
    const own = order.slice(b * size, (b + 1) * size);
    return Array.from({ length: size }, (_, i) => own[Math.min(i, own.length - 1)]!);
  });
}
