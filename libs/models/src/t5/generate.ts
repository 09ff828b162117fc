import * as tf from '@tensorflow/tfjs';
import { embedding } from '#engine/ops/embedding.js';
import type { Adaptation, Hidden } from '../adaptation.js';
import type { Weights } from '../model.js';
import { type Cached, T5Layers, t5Logits } from './t5.js';
import { decoderLayers, type T5Config } from './t5-config.js';

export interface GenerateOptions {
  maxTokens: number;
  beams: number; // 1: greedy
  lengthPenalty: number; // scores are divided by length^lengthPenalty
}

interface Beam {
  ids: number[];
  score: number; // sum of log-probabilities
}

/** The decoder's memory: self-attention grows by one position a step, cross-attention is computed once. */
interface Memory {
  self: (Cached | undefined)[];
  cross: Cached[];
}

/** Ids of each row's continuation, without start and end. Greedy or beam search with a key-value cache; a beam of b rows an example
 *  is decoded as b rows of the batch. Scores as in transformers: sum of log-probabilities over length^lengthPenalty, end included. */
export function t5Generate(
  c: T5Config,
  w: Weights,
  encoded: Hidden,
  options: GenerateOptions,
  adaptation: Adaptation = {},
): number[][] {
  const rows = encoded.states.shape[0];
  const { beams } = options;
  const memory = tf.tidy(() => initialMemory(c, w, encoded, beams, adaptation) as never) as unknown as Memory;
  const mask = tf.tidy(() => repeated(encoded.mask, beams));
  let live: Beam[][] = Array.from({ length: rows }, () => [{ ids: [], score: 0 }]);
  const done: Beam[][] = Array.from({ length: rows }, () => []);
  for (let step = 0; step < options.maxTokens && live.some((row) => row.length > 0); step++) {
    const last = live.flatMap((row) => Array.from({ length: beams }, (_, b) => row[b]?.ids.at(-1) ?? c.decoder_start_token_id));
    const logProbabilities = next(c, w, last, step, memory, mask, adaptation);
    const chosen = live.map((row, r) => advance(c, row, done[r]!, logProbabilities, r, options, step));
    live = chosen.map((row) => row.map(({ beam }) => beam));
    if (beams > 1)
      reorder(
        memory,
        chosen.flatMap((row, r) => Array.from({ length: beams }, (_, b) => r * beams + (row[b]?.from ?? 0))),
      );
  }
  tf.dispose([memory, mask] as never);
  return live.map((row, r) => best([...done[r]!, ...row], options));
}

/** Log-probabilities of the next token, one array [V] a row; extends the memory. */
function next(
  c: T5Config,
  w: Weights,
  last: number[],
  step: number,
  memory: Memory,
  mask: tf.Tensor2D,
  adaptation: Adaptation,
): Float32Array[] {
  const { logits, self } = tf.tidy(() => {
    const layers = new T5Layers(c, w, 'decoder', adaptation);
    const bias = layers.bias(1, step + 1, step);
    let x = embedding(w['shared.weight'] as tf.Tensor2D, tf.tensor2d(last, [last.length, 1], 'int32')) as tf.Tensor3D;
    const self = memory.self.map((past, l) => {
      const fresh = layers.project(l, 0, 'SelfAttention', layers.norm(x, l, 0));
      const keys = past ? tf.concat([past.keys, fresh.keys], 2) : fresh.keys;
      const values = past ? tf.concat([past.values, fresh.values], 2) : fresh.values;
      x = layers.attend(x, l, 0, 'self', fresh.q, { keys, values }, { bias });
      x = layers.attend(x, l, 1, 'cross', layers.query(l, 1, 'EncDecAttention', layers.norm(x, l, 1)), memory.cross[l]!, {
        mask,
      });
      x = layers.feedForward(x, l, 2);
      return { keys: tf.clone(keys), values: tf.clone(values) };
    });
    return { logits: tf.logSoftmax(tf.squeeze(t5Logits(c, w, layers.finalNorm(x)), [1])), self };
  });
  tf.dispose(memory.self as never);
  memory.self = self;
  const values = logits.dataSync() as Float32Array;
  logits.dispose();
  return last.map((_, i) => values.subarray(i * c.vocab_size, (i + 1) * c.vocab_size));
}

/** The beams of one row that go on, each with the beam it came from; finished ones move to `done`. */
function advance(
  c: T5Config,
  row: Beam[],
  done: Beam[],
  logProbabilities: Float32Array[],
  r: number,
  { beams, lengthPenalty }: GenerateOptions,
  step: number,
): { beam: Beam; from: number }[] {
  const candidates = row.flatMap((beam, b) =>
    top(logProbabilities[r * beams + b]!, 2 * beams).map(({ id, value }) => ({ beam, from: b, id, score: beam.score + value })),
  );
  const kept: { beam: Beam; from: number }[] = [];
  candidates.sort((a, b) => b.score - a.score);
  for (const [rank, { beam, from, id, score }] of candidates.entries()) {
    if (kept.length === beams) break;
    if (id !== c.eos_token_id) kept.push({ beam: { ids: [...beam.ids, id], score }, from });
    else if (rank < beams) done.push({ ids: beam.ids, score: score / (step + 1) ** lengthPenalty });
    if (beams === 1 && id === c.eos_token_id) return [];
  }
  if (done.length < beams) return kept;
  done.sort((a, b) => b.score - a.score).splice(beams);
  const reachable = candidates[0]!.score / (step + 1) ** lengthPenalty;
  return reachable > done.at(-1)!.score ? kept : [];
}

function best(beams: Beam[], { lengthPenalty, maxTokens }: GenerateOptions): number[] {
  let winner: { ids: number[]; score: number } = { ids: [], score: -Infinity };
  for (const beam of beams) {
    const unfinished = beam.ids.length === maxTokens;
    const score = unfinished ? beam.score / maxTokens ** lengthPenalty : beam.score;
    if (score > winner.score) winner = { ids: beam.ids, score };
  }
  return winner.ids;
}

function top(values: Float32Array, k: number): { id: number; value: number }[] {
  const found: { id: number; value: number }[] = [];
  for (let id = 0; id < values.length; id++) {
    const value = values[id]!;
    if (found.length === k && value <= found[k - 1]!.value) continue;
    let at = found.length;
    while (at > 0 && found[at - 1]!.value < value) at--;
    found.splice(at, 0, { id, value });
    if (found.length > k) found.pop();
  }
  return found;
}

function initialMemory(c: T5Config, w: Weights, encoded: Hidden, beams: number, adaptation: Adaptation): Memory {
  const layers = new T5Layers(c, w, 'decoder', adaptation);
  const cross = Array.from({ length: decoderLayers(c) }, (_, l) => {
    const { keys, values } = layers.keyValues(l, 1, 'EncDecAttention', encoded.states);
    return { keys: repeated(keys, beams), values: repeated(values, beams) };
  });
  return { self: cross.map(() => undefined), cross };
}

/** Each row `times` times in a row. */
function repeated<T extends tf.Tensor>(x: T, times: number): T {
  if (times === 1) return tf.clone(x);
  const [rows, ...rest] = x.shape as [number, ...number[]];
  return tf.reshape(tf.tile(tf.expandDims(x, 1), [1, times, ...rest.map(() => 1)]), [rows * times, ...rest]) as T;
}

function reorder(memory: Memory, from: number[]): void {
  const moved = tf.tidy(() => {
    const order = tf.tensor1d(from, 'int32');
    return memory.self.map((m) => ({ keys: tf.gather(m!.keys, order), values: tf.gather(m!.values, order) }));
  });
  tf.dispose(memory.self as never);
  memory.self = moved;
}
