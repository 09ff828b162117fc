import { HostRandom } from '#engine/host-random.js';
import type { GenerateOptions, Sampling } from './options.js';

/** Tokens by falling logit, equal ones by id: all of them, or the first few where the rest can't be drawn. */
export interface Ranked {
  ids: ArrayLike<number>;
  logits: ArrayLike<number>;
}

/** One draw a row. */
export function drawTokens(
  rows: readonly Ranked[],
  step: number,
  sampling: Sampling,
  streams?: GenerateOptions['streams'],
): number[] {
  return rows.map((ranked, row) =>
    draw(
      chances(ranked, sampling),
      new HostRandom(sampling.seed, `sample ${streams?.[row] ?? row} ${step}`).uniform(),
    ),
  );
}

/** All tokens of a row's logits [V]. */
export function ranked(logits: ArrayLike<number>): Ranked {
  const ids = Uint32Array.from({ length: logits.length }, (_, id) => id).sort(
    (a, b) => logits[b]! - logits[a]! || a - b,
  );
  return { ids, logits: Float32Array.from(ids, (id) => logits[id]!) };
}

/** Whether the first few of a row's tokens are all that can be drawn: the last of them is less likely than
 *  the topK-th. */
export function suffices({ logits }: Ranked, { topK }: Sampling): boolean {
  return topK > 0 && topK < logits.length && logits[logits.length - 1]! < logits[topK - 1]!;
}

/** Probabilities [V] after temperature, top-k and top-p, in transformers' order. */
export function distribution(logits: Float32Array, sampling: Omit<Sampling, 'seed'>): Float32Array {
  const probabilities = new Float32Array(logits.length);
  for (const { id, chance } of chances(ranked(logits), sampling)) probabilities[id] = chance;
  return probabilities;
}

/** What can be drawn, by falling chance. */
function chances(
  { ids, logits }: Ranked,
  { temperature, topK, topP }: Omit<Sampling, 'seed'>,
): { id: number; chance: number }[] {
  const scaled = Array.from(logits, (logit) => logit / temperature);
  const kth = topK > 0 && topK < scaled.length ? scaled[topK - 1]! : -Infinity;
  const end = scaled.findIndex((logit) => logit < kth || logit === -Infinity); // ties with the k-th stay
  let kept = end < 0 ? scaled : scaled.slice(0, end);
  if (topP < 1) kept = kept.slice(0, nucleus(softmax(kept), topP));
  return softmax(kept).map((p, rank) => ({ id: ids[rank]!, chance: Math.fround(p) }));
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

/** Tokens stand side by side by id, so that a draw does not depend on which were left out. */
function draw(tokens: { id: number; chance: number }[], u: number): number {
  const byId = tokens.toSorted((a, b) => a.id - b.id);
  let sum = 0;
  // rounding left the sum short of u
  const found = byId.find(({ chance }) => (sum += chance) > u) ?? byId.findLast(({ chance }) => chance > 0);
  if (!found) throw new Error('no token can be drawn: every logit is -Infinity or NaN');
  return found.id;
}
