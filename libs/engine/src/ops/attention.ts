import * as tf from '@tensorflow/tfjs';
import { differentiable } from './differentiable.js';
import { narrowed } from './kept-narrow.js';
import { product } from './product.js';

export interface AttentionOptions {
  scale: number; // of the scores; d^-0.5, or 1 for T5
  mask?: tf.Tensor2D; // [N, S], 1 = may be attended to
  bias?: tf.Tensor; // added to the scores, [1 or N, H, T, S]
  causal?: boolean; // position i sees keys up to i + S - T
  dropped?: (weights: tf.Tensor) => tf.Tensor; // [N, H, T, S], behind the softmax
}

// Large enough to silence a key, small enough that a row whose keys are all silent stays finite.
const SILENT = -1e9;

/** softmax(scale q k' + bias + mask) v for q [N, H, T, d], k and v [N, H, S, d] -> [N, H, T, d] (Vaswani et
 *  al. 2017, eq. 1). */
export function attention(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  options: AttentionOptions,
): tf.Tensor4D {
  const scores = product<tf.Tensor>(options.scale === 1 ? q : tf.mul(q, options.scale), k, false, true);
  const biased = options.bias ? tf.add(scores, options.bias) : scores;
  const weights = softmax(silenced(biased, options));
  return product<tf.Tensor>(options.dropped?.(weights) ?? weights, v) as tf.Tensor4D;
}

function silenced(scores: tf.Tensor, { mask, causal }: AttentionOptions): tf.Tensor {
  const [, , queries, keys] = scores.shape as [number, number, number, number];
  let s = scores;
  if (mask) s = tf.add(s, tf.reshape(tf.mul(tf.sub(1, mask), SILENT), [mask.shape[0], 1, 1, keys]));
  if (causal) {
    const later = Float32Array.from({ length: queries * keys }, (_, i) =>
      i % keys > Math.floor(i / keys) + keys - queries ? SILENT : 0,
    );
    s = tf.add(s, tf.tensor(later, [1, 1, queries, keys]));
  }
  return s;
}

/** Over the last axis, with the closed-form gradient p (dy - sum(dy p)). */
function softmax(x: tf.Tensor): tf.Tensor {
  return differentiable(
    { x },
    (save) => {
      const p = tf.softmax(x);
      save([narrowed(p)]); // as the product with the values reads it
      return p;
    },
    (dy, saved) => {
      const [p] = saved as [tf.Tensor];
      const weighted = tf.mul(dy, p);
      return { x: () => tf.sub(weighted, tf.mul(p, tf.sum(weighted, -1, true))) };
    },
  );
}
