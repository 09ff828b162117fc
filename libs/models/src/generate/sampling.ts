import { HostRandom } from '#engine/host-random.js';
import type { Sampling } from '../model.js';

/** One draw a row from logits [rows x V]. */
export function drawTokens(logits: ArrayLike<number>, rows: number, step: number, sampling: Sampling): number[] {
  const v = logits.length / rows;
  return Array.from({ length: rows }, (_, row) => {
    const own = Float32Array.from({ length: v }, (_, id) => logits[row * v + id]!);
    return draw(distribution(own, sampling), new HostRandom(sampling.seed, `sample ${row} ${step}`).uniform());
  });
}

/** Probabilities after temperature, top-k and top-p, in transformers' order. */
export function distribution(logits: Float32Array, { temperature, topK, topP }: Omit<Sampling, 'seed'>): Float32Array {
  const order = Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]!);
  const scaled = order.map((id) => logits[id]! / temperature);
  const kth = topK > 0 && topK < scaled.length ? scaled[topK - 1]! : -Infinity;
  let kept = order.filter((_, rank) => scaled[rank]! >= kth && scaled[rank]! > -Infinity); // ties with the k-th stay
  if (topP < 1) kept = kept.slice(0, nucleus(softmax(scaled.slice(0, kept.length)), topP));
  const probabilities = new Float32Array(logits.length);
  softmax(scaled.slice(0, kept.length)).forEach((p, rank) => (probabilities[kept[rank]!] = p));
  return probabilities;
}

/** How many of the likeliest are needed for a probability of topP; at least one. */
function nucleus(descending: readonly number[], topP: number): number {
  let sum = 0;
  const place = descending.findIndex((p) => (sum += p) >= topP);
  return place < 0 ? descending.length : place + 1;
}

function softmax(x: readonly number[]): number[] {
  const e = x.map((v) => Math.exp(v - x[0]!)); // x[0] is the largest
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((v) => v / sum);
}

function draw(probabilities: Float32Array, u: number): number {
  let sum = 0;
  const id = probabilities.findIndex((p) => (sum += p) > u);
  return id >= 0 ? id : probabilities.findLastIndex((p) => p > 0); // rounding left the sum short of u
}
