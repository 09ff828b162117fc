import type { Row } from './row.js';

/** Indices in batches of rows of about the same length. The last batch is filled up with a row that it holds
 *  already, so that it has no shape of its own. */
export function lengthBatches(rows: readonly Pick<Row, 'ids'>[], size: number): number[][] {
  const order = rows.map((_, i) => i).toSorted((a, b) => rows[a]!.ids.length - rows[b]!.ids.length || a - b);
  return Array.from({ length: Math.ceil(order.length / size) }, (_, b) => {
    const own = order.slice(b * size, (b + 1) * size);
    return Array.from({ length: size }, (_, i) => own[Math.min(i, own.length - 1)]!);
  });
}
