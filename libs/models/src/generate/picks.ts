/** What a step gives of its logits: a few numbers a row, so that little comes back to JavaScript. */
import * as tf from '@tensorflow/tfjs';

/** The likeliest token alone; or the `best` tokens, with the logits beside them where `logits` says so. */
export type Pick = { kind: 'likeliest' } | { kind: 'best'; count: number; logits: boolean };

/** A row's best tokens by falling logit, and the logarithm of the sum of all its exponentials, from before
 *  tokens were banned. */
export interface Best {
  ids: number[];
  logits: number[];
  logSum: number;
}

/** Bans tokens int32 [M, B] of a row of logits [M, V]; -1: none. */
export function without(logits: tf.Tensor2D, banned: tf.Tensor2D | undefined): tf.Tensor2D {
  if (!banned) return logits;
  const [m, v] = logits.shape;
  const rows = tf.reshape(
    tf.tensor1d(
      Int32Array.from({ length: m }, (_, row) => row * v),
      'int32',
    ),
    [m, 1],
  );
  const places = tf.add(rows, tf.maximum(banned, tf.scalar(0, 'int32')));
  const none = tf.less(banned, tf.scalar(0, 'int32'));
  const penalties = tf.where(none, tf.zeros(banned.shape), tf.fill(banned.shape, -Infinity));
  const flat = tf.scatterND(tf.reshape(places, [-1, 1]), tf.reshape(penalties, [-1]), [m * v]);
  return tf.add(logits, tf.reshape(flat, [m, v])) as tf.Tensor2D;
}

/** Logits [M, V] -> [M, 1] ids, or [M, 2 count + 1]: logits, ids, log-sum-exp. Ids are whole numbers below
 *  2^24, which float32 holds. */
export function picked(logits: tf.Tensor2D, banned: tf.Tensor2D | undefined, pick: Pick): tf.Tensor2D {
  const open = without(logits, banned);
  if (pick.kind === 'likeliest')
    return tf.expandDims(tf.cast(tf.argMax(open, 1), 'float32'), 1) as tf.Tensor2D;
  const { values, indices } = tf.topk(open, Math.min(pick.count, logits.shape[1]));
  return tf.concat([values, tf.cast(indices, 'float32'), tf.expandDims(tf.logSumExp(logits, 1), 1)], 1);
}

/** What `picked` gave the best tokens, a row each. */
export function bestOf(picks: Float32Array, rows: number): Best[] {
  const width = picks.length / rows;
  const count = (width - 1) / 2;
  return Array.from({ length: rows }, (_, row) => {
    const own = Array.from(picks.subarray(row * width, (row + 1) * width));
    return { logits: own.slice(0, count), ids: own.slice(count, 2 * count), logSum: own[2 * count]! };
  });
}
