/** Which rows of a vocabulary's embeddings are nearest to the vectors of a prompt (Lester et al. 2021 §7). */

/** Row-major vectors: `values` has rows * width numbers. */
export interface Vectors {
  values: Float32Array;
  width: number;
}

export const closenessMeasures = ['cosine', 'dot', 'euclidean'] as const;
export type Closeness = (typeof closenessMeasures)[number];

export interface Neighbour {
  id: number; // of the vocabulary's row
  value: number; // cosine, dot product, or euclidean distance
}

/** The k nearest rows of `table` to each row of `vectors`, the nearest first; of equals the one of lower id
 *  first. `without` are ids that are no candidates. A vector of length 0 has cosine 0 to all. Throws where
 *  widths differ, or k is below 1 or more than there are candidates. */
export function nearest(
  vectors: Vectors,
  table: Vectors,
  { k, by, without = new Set() }: { k: number; by: Closeness; without?: ReadonlySet<number> },
): Neighbour[][] {
  const { width } = table;
  if (vectors.width !== width)
    throw new RangeError(`vectors are of width ${vectors.width}, and the table's of ${width}`);
  const [rows, size] = [rowsOf(vectors), rowsOf(table)];
  const most = size - [...without].filter((id) => id >= 0 && id < size).length;
  if (!Number.isInteger(k) || k < 1 || k > most)
    throw new RangeError(`k is ${k}; expected 1 to ${most}, the candidates`);
  const lengths =
    by === 'cosine' ? Float64Array.from({ length: size }, (_, id) => length(table, id)) : undefined;
  return Array.from({ length: rows }, (_, row) => {
    const own = by === 'cosine' ? length(vectors, row) : 1;
    const best: Neighbour[] = [];
    for (let id = 0; id < size; id++) {
      if (without.has(id)) continue;
      const value = valueOf(by, { vectors, row, table, id, lengths: own * (lengths?.[id] ?? 1) });
      insert(best, { id, value }, k, by);
    }
    return best;
  });
}

/** How far rows of `a` lie from the same rows of `b`, by row: 1 - cosine, or the euclidean distance, or minus
 *  the dot product. */
export function distances(a: Vectors, b: Vectors, by: Closeness): number[] {
  if (a.width !== b.width || a.values.length !== b.values.length)
    throw new RangeError(
      `vectors of [${rowsOf(a)}, ${a.width}] and [${rowsOf(b)}, ${b.width}] are not row by row of one shape`,
    );
  return Array.from({ length: rowsOf(a) }, (_, row) => {
    const lengths = by === 'cosine' ? length(a, row) * length(b, row) : 1;
    const value = valueOf(by, { vectors: a, row, table: b, id: row, lengths });
    return by === 'cosine' ? 1 - value : by === 'dot' ? -value : value;
  });
}

export const rowsOf = ({ values, width }: Vectors): number => values.length / width;

interface Pair {
  vectors: Vectors;
  row: number;
  table: Vectors;
  id: number;
  lengths: number; // the product of both, where cosines are asked for
}

function valueOf(by: Closeness, { vectors, row, table, id, lengths }: Pair): number {
  const { width } = table;
  const [a, b] = [row * width, id * width];
  let sum = 0;
  if (by === 'euclidean') {
    for (let i = 0; i < width; i++) sum += (vectors.values[a + i]! - table.values[b + i]!) ** 2;
    return Math.sqrt(sum);
  }
  for (let i = 0; i < width; i++) sum += vectors.values[a + i]! * table.values[b + i]!;
  if (by === 'dot') return sum;
  return lengths === 0 ? 0 : sum / lengths;
}

function length({ values, width }: Vectors, row: number): number {
  let sum = 0;
  for (let i = row * width; i < (row + 1) * width; i++) sum += values[i]! ** 2;
  return Math.sqrt(sum);
}

/** Keeps `best` sorted and no longer than k; candidates come in the order of their ids. */
function insert(best: Neighbour[], candidate: Neighbour, k: number, by: Closeness): void {
  const nearer = (a: Neighbour, b: Neighbour) => (by === 'euclidean' ? a.value < b.value : a.value > b.value);
  const last = best.at(-1);
  if (best.length === k && last && !nearer(candidate, last)) return;
  let place = best.length;
  while (place > 0 && nearer(candidate, best[place - 1]!)) place--;
  best.splice(place, 0, candidate);
  if (best.length > k) best.pop();
}
