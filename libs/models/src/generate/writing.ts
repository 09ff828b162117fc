/** How a model writes: two pure functions of tensors, to be called in a compiled step. `begin` reads the text
 *  and gives what the first token is chosen from; `next` takes a token for every beam of every text and gives
 *  what the one behind it is chosen from. Between the two stands a cache of fixed size (past.ts, Slots),
 *  which its owner grows from time to time (writer.ts). A family knows nothing of beams, rules and draws;
 *  whoever chooses tokens knows nothing of a family. */
import * as tf from '@tensorflow/tfjs';
import type { Adaptation } from '../adaptation.js';
import type { KeysAndValues } from '../heads.js';
import type { TokenBatch, Weights } from '../batch.js';
import type { Slots } from '../past.js';

export interface Writing {
  readonly endIds: readonly number[];
  /** What an encoder-decoder begins with; undefined: with the text itself. */
  readonly startId: number | undefined;
  readonly forcedFirst?: number | undefined;
  readonly forcedLast?: number | undefined;
  readonly positions: number | null; // of what is continued, virtual ones among them; null: no limit
  /** Reads N texts. `logits` [N, V] of the token behind each. */
  begin(weights: Weights, batch: TokenBatch, adaptation?: Adaptation): { logits: tf.Tensor2D; cache: Cache };
  /** Logits [N, beams, V] behind ids int32 [N, beams], and the layers of the cache with those in their slots:
   *  it is written over. */
  next(
    weights: Weights,
    ids: tf.Tensor2D,
    at: { cache: Cache; slots: Slots },
    adaptation?: Adaptation,
  ): NextLogits;
}

export interface NextLogits {
  logits: tf.Tensor3D;
  layers: KeysAndValues[];
}

/** What a writer keeps of N texts: keys and values of P positions that were read at the start and of slots
 *  behind them; which of the P count, [N, P]; and what an encoder has read. */
export interface Cache {
  layers: KeysAndValues[];
  mask: tf.Tensor2D;
  cross?: { layers: KeysAndValues[]; mask: tf.Tensor2D };
}

/** Tensors of a cache by name; those of `layers` are named "self …". */
export function named({ layers, mask, cross }: Cache): Record<string, tf.Tensor> {
  const own = (what: string, parts: readonly KeysAndValues[]) =>
    parts.flatMap(({ keys, values }, l) => [
      [`${what} keys ${l}`, keys] as const,
      [`${what} values ${l}`, values] as const,
    ]);
  return Object.fromEntries([
    ...own('self', layers),
    ['mask', mask] as const,
    ...(cross ? [...own('cross', cross.layers), ['cross mask', cross.mask] as const] : []),
  ]);
}

/** What `named` gave the names. */
export function cacheOf(tensors: Readonly<Record<string, tf.Tensor>>): Cache {
  const layers = (what: string): KeysAndValues[] => {
    const count = Object.keys(tensors).filter((name) => name.startsWith(`${what} keys `)).length;
    const one = (part: string, l: number) => tensors[`${what} ${part} ${l}`] as tf.Tensor4D;
    return Array.from({ length: count }, (_, l) => ({ keys: one('keys', l), values: one('values', l) }));
  };
  const read = tensors['cross mask'] as tf.Tensor2D | undefined;
  return {
    layers: layers('self'),
    mask: tensors['mask'] as tf.Tensor2D,
    ...(read && { cross: { layers: layers('cross'), mask: read } }),
  };
}

/** The memory hook is for what is read, and not for what is written behind it. */
export function behindText(adaptation: Adaptation | undefined): Adaptation {
  const { memory: _ofTheText, ...rest } = adaptation ?? {};
  return rest;
}

const silent = -1e9;

/** The slots of a step. seen [N, beams, W * beams]: 1 where a beam sees a slot. */
export function slotsOf({ mask }: Cache, seen: tf.Tensor3D, step: tf.Scalar): Slots {
  const [n, beams] = seen.shape;
  const [, begun] = mask.shape;
  const start = tf.broadcastTo(tf.expandDims(mask, 1), [n, beams, begun]);
  const bias = tf.mul(tf.sub(1, tf.concat([start, seen], 2)), silent);
  const counted = tf.add(tf.cast(tf.round(tf.sum(mask, 1, true)), 'int32'), step);
  return {
    beams,
    step,
    positions: tf.broadcastTo(counted, [n, beams]) as tf.Tensor2D,
    bias: tf.expandDims(bias, 1) as tf.Tensor4D,
  };
}
