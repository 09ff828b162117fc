import * as tf from '@tensorflow/tfjs';
import { embedding } from '#engine/ops/embedding.js';
import type { Adaptation, Hidden } from '../adaptation.js';
import type { Memory } from '../heads.js';
import type { GenerateOptions, Weights } from '../model.js';
import { BeamSearch, type Candidate } from './beam-search.js';
import type { Context } from './layers.js';
import { crossMemories, t5DecodeFrom, t5Logits, type Past } from './t5.js';
import type { T5Config } from './t5-config.js';

/** Ids of each row's text, without start and end: greedy (beams = 1) or beam search. Every step computes the new position only, from
 *  cached keys and values; b beams of a row are b rows of the batch. Runs op by op and reads the chosen tokens back, so it cannot
 *  be part of a traced step. Disposes of nothing it is given. */
export function t5Generate(
  config: T5Config,
  weights: Weights,
  encoded: Hidden,
  options: GenerateOptions,
  adaptation?: Adaptation,
): number[][] {
  const c = { config, weights, adaptation };
  const cross = tf.tidy(() => textMemories(c, encoded, options.beams) as never) as Memory[];
  const writer = new Writer(c, cross, encoded.states.shape[0] * options.beams);
  try {
    return options.beams === 1 ? greedy(writer, options) : beamSearch(writer, options);
  } finally {
    writer.dispose();
    tf.dispose(cross as never);
  }
}

function greedy(writer: Writer, { maxTokens }: GenerateOptions): number[][] {
  const endId = writer.c.config.eos_token_id;
  const texts: number[][] = Array.from({ length: writer.rows }, () => []);
  const open = texts.map(() => true);
  let last = writer.start();
  for (let step = 0; step < maxTokens && open.includes(true); step++) {
    last = writer.step(last, (logits) => [tf.argMax(logits, 1)]).map((t) => Array.from(t))[0]!;
    last.forEach((token, row) => {
      open[row] &&= token !== endId;
      if (open[row]) texts[row]!.push(token);
    });
  }
  return texts;
}

function beamSearch(writer: Writer, { maxTokens, beams, lengthPenalty }: GenerateOptions): number[][] {
  const { vocab_size: v, eos_token_id: endId } = writer.c.config;
  const rows = writer.rows / beams;
  const searches = Array.from({ length: rows }, () => new BeamSearch({ beams, maxTokens, lengthPenalty, endId }));
  let last = writer.start();
  while (searches.some((s) => !s.done)) {
    const scores = searches.flatMap((s) => s.live.map((b) => b.score));
    const [values, indices] = writer.step(last, (logits) => {
      const sums = tf.add(tf.logSoftmax(logits), tf.tensor2d(scores, [rows * beams, 1]));
      const best = tf.topk(tf.reshape(sums, [rows, beams * v]), Math.min(2 * beams, beams * v));
      return [best.values, best.indices];
    }) as [ArrayLike<number>, ArrayLike<number>];
    const width = values.length / rows;
    const from = searches.flatMap((search, row) => {
      const candidates = Array.from({ length: width }, (_, i): Candidate => {
        const index = indices[row * width + i]!;
        return { beam: Math.floor(index / v), token: index % v, score: values[row * width + i]! };
      });
      const grownFrom = search.done ? [] : search.advance(candidates);
      return Array.from({ length: beams }, (_, b) => row * beams + (grownFrom[b] ?? b)); // a row that is done is carried along
    });
    writer.reorder(from);
    last = searches.flatMap((s) => Array.from({ length: beams }, (_, b) => s.live[b]?.tokens.at(-1) ?? endId));
  }
  return searches.map((s) => s.best());
}

/** The decoder with its cache. */
class Writer {
  private past: Past | undefined;

  constructor(
    readonly c: Context,
    private readonly cross: readonly Memory[],
    readonly rows: number,
  ) {}

  /** What every row begins with. */
  start(): number[] {
    return Array.from({ length: this.rows }, () => this.c.config.decoder_start_token_id);
  }

  /** Feeds each row's last token and reads back what `pick` makes of the logits [rows, V]. */
  step(last: readonly number[], pick: (logits: tf.Tensor2D) => tf.Tensor[]): ArrayLike<number>[] {
    const { past, picked } = tf.tidy(() => {
      const ids = tf.tensor2d([...last], [this.rows, 1], 'int32');
      const { states, past } = t5DecodeFrom(this.c, this.cross, ids, this.past);
      const logits = tf.reshape(t5Logits(this.c, states), [this.rows, -1]) as tf.Tensor2D;
      return { past: past as never, picked: pick(logits) };
    });
    tf.dispose(this.past as never);
    this.past = past;
    const values = picked.map((t) => t.dataSync());
    tf.dispose(picked);
    return values;
  }

  /** Row i goes on from what row from[i] has written. */
  reorder(from: readonly number[]): void {
    if (!this.past || from.every((source, row) => source === row)) return;
    const { layers, mask, length } = this.past;
    const moved = tf.tidy(() => {
      const order = tf.tensor1d([...from], 'int32');
      const pick = <T extends tf.Tensor>(x: T) => tf.reshape(embedding(tf.reshape(x, [this.rows, -1]), order), x.shape) as T;
      return { layers: layers.map((l) => ({ keys: pick(l.keys), values: pick(l.values) })), ...(mask && { mask: pick(mask) }) };
    });
    this.dispose();
    this.past = { layers: moved.layers, mask: moved.mask, length };
  }

  dispose(): void {
    tf.dispose(this.past as never);
    this.past = undefined;
  }
}

/** For every decoder layer, each row `beams` times. */
function textMemories(c: Context, encoded: Hidden, beams: number): Memory[] {
  const own = { states: encoded.states, mask: tf.clone(encoded.mask) }; // disposed of with the rest
  return crossMemories(c, own).map((memory) => repeated(memory, beams));
}

/** Each row `times` times in a row. */
function repeated({ keys, values, mask }: Memory, times: number): Memory {
  const tile = <T extends tf.Tensor>(x: T): T => {
    const [rows, ...rest] = x.shape as [number, ...number[]];
    return tf.reshape(tf.tile(tf.expandDims(x, 1), [1, times, ...rest.map(() => 1)]), [rows * times, ...rest]) as T;
  };
  return times === 1 ? { keys, values, mask } : { keys: tile(keys), values: tile(values), mask: mask && tile(mask) };
}
