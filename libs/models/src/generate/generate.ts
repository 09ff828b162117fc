/** Generation as every decoder does it: greedy, beams or sampling, a token at a time from a cache. It knows no model. */
import * as tf from '@tensorflow/tfjs';
import type { GenerateOptions } from '../model.js';
import { BeamSearch, type Candidate } from './beam-search.js';
import { drawTokens } from './sampling.js';
import { ruled, type TokenRules } from './token-rules.js';
import { type Continuation, Writer } from './writer.js';

/** What a family adds to the caller's options. */
export interface Ends {
  endIds: readonly number[];
  forcedFirst?: number | undefined;
  forcedLast?: number | undefined;
  /** What each row (text x beam) holds before anything is written: its start token or its prompt. */
  prompts: readonly number[][];
}

/** Ids of each text, without start and end. Runs op by op and reads the chosen tokens back, so it cannot be part of a traced step. */
export function generate(decoder: Continuation, options: GenerateOptions, ends: Ends): number[][] {
  if (options.sampling && options.beams !== 1) throw new RangeError(`sampling needs beams 1, and beams is ${options.beams}`);
  const writer = new Writer(decoder);
  const { noRepeatNgram = 0, maxTokens } = options;
  const rules = { noRepeatNgram, maxTokens, forcedFirst: ends.forcedFirst, forcedLast: ends.forcedLast };
  try {
    return options.beams === 1 ? oneByOne(writer, options, ends, rules) : beamSearch(writer, options, ends, rules);
  } finally {
    writer.dispose();
  }
}

function oneByOne(writer: Writer, { maxTokens, sampling }: GenerateOptions, ends: Ends, rules: TokenRules): number[][] {
  const texts: number[][] = Array.from({ length: writer.rows }, () => []);
  const all = ends.prompts.map((prompt) => [...prompt]);
  const open = texts.map(() => true);
  let last: number[] | undefined;
  for (let step = 0; step < maxTokens && open.includes(true); step++) {
    const [picked] = writer.step(last, (logits) => {
      const scores = ruled(logits, all, step, rules);
      return [sampling ? scores : tf.argMax(scores, 1)];
    }) as [ArrayLike<number>];
    const chosen = sampling ? drawTokens(picked, writer.rows, step, sampling) : Array.from(picked);
    chosen.forEach((token, row) => {
      all[row]!.push(token);
      open[row] &&= !ends.endIds.includes(token);
      if (open[row]) texts[row]!.push(token);
    });
    last = chosen;
  }
  return texts;
}

function beamSearch(writer: Writer, options: GenerateOptions, { endIds, prompts }: Ends, rules: TokenRules): number[][] {
  const { beams, maxTokens, lengthPenalty, earlyStopping = false } = options;
  const rows = writer.rows / beams;
  const search = { beams, maxTokens, lengthPenalty, endIds, earlyStopping };
  const searches = Array.from({ length: rows }, () => new BeamSearch(search));
  let last: number[] | undefined;
  for (let step = 0; searches.some((s) => !s.done); step++) {
    const live = searches.flatMap((s) => Array.from({ length: beams }, (_, b) => s.live[b] ?? { tokens: [], score: 0 }));
    const texts = live.map(({ tokens }, i) => [...prompts[i]!, ...tokens]);
    let v = 0;
    const [values, indices] = writer.step(last, (logits) => {
      v = logits.shape[1];
      const scores = ruled(tf.logSoftmax(logits), texts, step, rules);
      const sums = tf.add(scores, tf.tensor2d(live.map((b) => b.score), [rows * beams, 1])); // prettier-ignore
      const best = tf.topk(tf.reshape(sums, [rows, beams * v]), Math.min((1 + endIds.length) * beams, beams * v));
      return [best.values, best.indices];
    }) as [ArrayLike<number>, ArrayLike<number>];
    const width = values.length / rows;
    const from = searches.flatMap((one, row) => {
      const candidates = Array.from({ length: width }, (_, i): Candidate => {
        const index = indices[row * width + i]!;
        return { beam: Math.floor(index / v), token: index % v, score: values[row * width + i]! };
      });
      const grownFrom = one.done ? [] : one.advance(candidates);
      return Array.from({ length: beams }, (_, b) => row * beams + (grownFrom[b] ?? b)); // a row that is done is carried along
    });
    writer.reorder(from);
    last = searches.flatMap((s) => Array.from({ length: beams }, (_, b) => s.live[b]?.tokens.at(-1) ?? endIds[0]!));
  }
  return searches.map((s) => s.best());
}
