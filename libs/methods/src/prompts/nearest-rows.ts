/** Which rows of a vocabulary's embeddings are nearest to the vectors of a prompt (Lester et al. 2021 §7). */
import * as tf from '@tensorflow/tfjs';
import { Closeness } from '#contracts/neighbours.js';
import { gatherRows } from '#engine/ops/embedding.js';

/** Row-major vectors: `values` has rows * width numbers. */
export interface Vectors {
  values: Float32Array;
  width: number;
}

export interface Neighbour {
  id: number; // of the table's row
  value: number; // cosine, dot product, or euclidean distance
}

export const closenessMeasures = Closeness.options;

// Candidates beyond k: products in float32 may order rows that are nearly as near otherwise.
const spare = 14;

/** The k nearest rows of `table` [V, D] to each vector by each measure, the nearest first; of equals the one
 *  of lower id first. A vector of length 0 has cosine 0 to all. Products in float32 choose k + 14 candidates,
 *  which float64 measures. Throws where widths differ, or k is below 1 or above V. */
export function nearestRows(
  vectors: Vectors,
  table: tf.Tensor2D,
  k: number,
): Record<Closeness, Neighbour[][]> {
  const [size, width] = table.shape;
  if (vectors.width !== width)
    throw new RangeError(`vectors are of width ${vectors.width}, and the table's of ${width}`);
  if (!Number.isInteger(k) || k < 1 || k > size)
    throw new RangeError(`k is ${k}; expected 1 to ${size}, the candidates`);
  const likely = candidates(vectors, table, Math.min(k + spare, size));
  const found = closenessMeasures.map((by) => {
    const nearest = likely[by].map((ids, row) => {
      const rows = { values: rowsAt(table, ids), width };
      const own = { values: vectors.values.subarray(row * width, (row + 1) * width), width };
      return nearestOf(own, rows, { k, by }).map(({ id, value }) => ({ id: ids[id]!, value }));
    });
    return [by, nearest] as const;
  });
  return Object.fromEntries(found) as Record<Closeness, Neighbour[][]>;
}

/** Ids in ascending order, of each vector. */
function candidates(vectors: Vectors, table: tf.Tensor2D, count: number): Record<Closeness, number[][]> {
  const size = table.shape[0];
  const [dots, squares] = read(() => {
    const own = tf.tensor2d(vectors.values, [rowsOf(vectors), vectors.width]);
    return [tf.matMul(own, table, false, true), tf.sum(tf.square(table), 1)];
  }) as [Float32Array, Float32Array];
  const score: Record<Closeness, (dot: number, id: number) => number> = {
    dot: (dot) => dot,
    cosine: (dot, id) => (squares[id] === 0 ? 0 : dot / Math.sqrt(squares[id]!)),
    euclidean: (dot, id) => dot - squares[id]! / 2, // |a - b|² = |a|² - 2 (a b - |b|² / 2)
  };
  const ofRow = (by: Closeness, row: number) => {
    const best: Neighbour[] = [];
    const scoreOf = score[by];
    for (let id = 0; id < size; id++) {
      const value = scoreOf(dots[row * size + id]!, id);
      // most are refused here, before anything is made of them
      if (best.length === count && value <= best[count - 1]!.value) continue;
      insert(best, { id, value }, count, 'dot');
    }
    return best.map(({ id }) => id).toSorted((a, b) => a - b);
  };
  const all = closenessMeasures.map((by) => [
    by,
    Array.from({ length: rowsOf(vectors) }, (_, row) => ofRow(by, row)),
  ]);
  return Object.fromEntries(all) as Record<Closeness, number[][]>;
}

function rowsAt(table: tf.Tensor2D, ids: readonly number[]): Float32Array {
  return read(() => [gatherRows(table, tf.tensor1d([...ids], 'int32'))])[0]!;
}

/** Values of what is computed. They are read outside of tidy, which looks for tensors among all numbers that
 *  it is given back. */
function read(compute: () => tf.Tensor[]): Float32Array[] {
  const tensors = tf.tidy(compute);
  const values = tensors.map((tensor) => tensor.dataSync() as Float32Array);
  tf.dispose(tensors);
  return values;
}

/** The k nearest rows to one vector, measured in float64. */
function nearestOf(vector: Vectors, rows: Vectors, { k, by }: { k: number; by: Closeness }): Neighbour[] {
  const own = length(vector, 0);
  const best: Neighbour[] = [];
  for (let id = 0; id < rowsOf(rows); id++) {
    const lengths = by === 'cosine' ? own * length(rows, id) : 1;
    insert(best, { id, value: valueOf(by, { a: vector, row: 0, b: rows, other: id, lengths }) }, k, by);
  }
  return best;
}

/** How far rows of `a` lie from the same rows of `b`, by row: 1 - cosine, or the euclidean distance, or minus
 *  the dot product. Throws where the shapes differ. */
export function distances(a: Vectors, b: Vectors, by: Closeness): number[] {
  if (a.width !== b.width || a.values.length !== b.values.length)
    throw new RangeError(
      `vectors of [${rowsOf(a)}, ${a.width}] and [${rowsOf(b)}, ${b.width}] are not row by row of one shape`,
    );
  return Array.from({ length: rowsOf(a) }, (_, row) => {
    const lengths = by === 'cosine' ? length(a, row) * length(b, row) : 1;
    const value = valueOf(by, { a, row, b, other: row, lengths });
    return by === 'cosine' ? 1 - value : by === 'dot' ? -value : value;
  });
}

const rowsOf = ({ values, width }: Vectors): number => values.length / width;

interface Pair {
  a: Vectors;
  row: number; // of a
  b: Vectors;
  other: number; // row of b
  lengths: number; // the product of both, where cosines are asked for
}

function valueOf(by: Closeness, { a, row, b, other, lengths }: Pair): number {
  const { width } = a;
  const [first, second] = [row * width, other * width];
  let sum = 0;
  if (by === 'euclidean') {
    for (let i = 0; i < width; i++) sum += (a.values[first + i]! - b.values[second + i]!) ** 2;
    return Math.sqrt(sum);
  }
  for (let i = 0; i < width; i++) sum += a.values[first + i]! * b.values[second + i]!;
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
