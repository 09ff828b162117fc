import * as tf from '@tensorflow/tfjs';
import type { Adaptation, AttentionSite } from './adaptation.js';

export type KeysAndValues = Pick<Memory, 'keys' | 'values'>;

/** [N, T, H * d] -> [N, H, T, d]. */
export function splitHeads(x: tf.Tensor3D, heads: number): tf.Tensor4D {
  const [n, t, width] = x.shape;
  return tf.transpose(tf.reshape(x, [n, t, heads, width / heads]), [0, 2, 1, 3]);
}

/** [N, H, T, d] -> [N, T, H * d]. */
export function mergeHeads(x: tf.Tensor4D): tf.Tensor3D {
  const [n, heads, t, d] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [n, t, heads * d]);
}

const none: [number, number] = [0, 0];

/** What is attended to: keys and values [N, H, S, d]; mask [N, S], or none where all may be; bias [1 or N, 1
 *  or H, T, S] added to the scores. */
export interface Memory {
  keys: tf.Tensor4D;
  values: tf.Tensor4D;
  mask?: tf.Tensor2D | undefined;
  bias?: tf.Tensor4D | undefined;
}

/** Those of the two that there are, as attention takes them. */
export const masking = ({
  mask,
  bias,
}: Omit<Memory, 'keys' | 'values'>): { mask?: tf.Tensor2D; bias?: tf.Tensor4D } => ({
  ...(mask && { mask }),
  ...(bias && { bias }),
});

/** Keys and values of the positions just computed, past the memory hook. */
export function remembered(own: KeysAndValues, site: AttentionSite, adaptation?: Adaptation): KeysAndValues {
  return adaptation?.memory?.(site, own) ?? own;
}

/** Puts the keyValues hook's keys and values in front. Where the bias is of the text alone they stand
 *  nowhere, and theirs is 0. */
export function withPrefix(memory: Memory, site: AttentionSite, adaptation?: Adaptation): Memory {
  const prefix = adaptation?.keyValues?.(site, memory.keys.shape[0]);
  if (!prefix) return memory;
  const [n, , s] = memory.keys.shape;
  const mask = memory.mask ?? tf.ones([n, s]);
  const { bias } = memory;
  return {
    keys: tf.concat([prefix.keys, memory.keys], 2),
    values: tf.concat([prefix.values, memory.values], 2),
    mask: tf.concat([prefix.mask, mask], 1) as tf.Tensor2D,
    bias: bias && (bias.shape[3] === s ? tf.pad(bias, [none, none, none, [prefix.keys.shape[2], 0]]) : bias),
  };
}
