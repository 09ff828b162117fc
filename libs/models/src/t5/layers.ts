/** T5's sublayers. Each is norm -> work -> residual; nothing has a bias, and scores are not scaled (Raffel et
 *  al. 2020 §2.1). */
import * as tf from '@tensorflow/tfjs';
import { attention } from '#engine/ops/attention.js';
import { rmsNorm } from '#engine/ops/layer-norm.js';
import { type Adaptation, type AttentionSite, dropped, droppedWeights } from '../adaptation.js';
import { type KeysAndValues, mergeHeads, remembered, splitHeads, withPrefix, type Memory } from '../heads.js';
import { activate, gate } from '../activation.js';
import { linearMap, weightOf } from '../linear-map.js';
import type { Weights } from '../batch.js';
import { preNorm } from '../pre-norm.js';
import { activationOf, isGated } from './feed-forward.js';
import type { T5Config } from './t5-config.js';

/** What every sublayer is given. */
export interface Context {
  config: T5Config;
  weights: Weights;
  adaptation: Adaptation | undefined;
}

/** x + sublayer(norm(x)), past the sublayer hook, which sees the normalised x. `at` is the sublayer's HF
 *  name. */
export function residual(
  c: Context,
  at: string,
  x: tf.Tensor3D,
  sublayer: (x: tf.Tensor3D) => tf.Tensor3D,
): tf.Tensor3D {
  return preNorm(c, at, x, norm(c, `${at}.layer_norm`, x), sublayer);
}

export function norm(c: Context, name: string, x: tf.Tensor3D): tf.Tensor3D {
  return rmsNorm(x, weightOf(c.weights, `${name}.weight`), c.config.layer_norm_epsilon) as tf.Tensor3D;
}

/** Keys and values [N, H, S, d_kv] of x [N, S, D], by the attention module `at`, past the memory hook. */
export function keysAndValues(c: Context, at: string, x: tf.Tensor3D, site: AttentionSite): KeysAndValues {
  const project = (name: string) =>
    splitHeads(linearMap(c.weights, `${at}.${name}`, x, c.adaptation), c.config.num_heads);
  return remembered({ keys: project('k'), values: project('v') }, site, c.adaptation);
}

/** x [N, T, D] looks at the memory through the attention module `at` -> [N, T, D]. */
export function attend(
  c: Context,
  at: string,
  x: tf.Tensor3D,
  { memory, site, causal = false }: { memory: Memory; site: AttentionSite; causal?: boolean },
): tf.Tensor3D {
  const q = splitHeads(linearMap(c.weights, `${at}.q`, x, c.adaptation), c.config.num_heads);
  const { keys, values, mask, bias } = withPrefix(memory, site, c.adaptation);
  const mixed = attention(q, keys, values, {
    scale: 1,
    causal,
    ...(mask && { mask }),
    ...(bias && { bias }),
    ...droppedWeights(c.adaptation, at),
  });
  return linearMap(c.weights, `${at}.o`, mergeHeads(mixed), c.adaptation);
}

/** [N, T, D] -> [N, T, D] by the module `at`: an activation, or one that gates a second map (Shazeer 2020).
 */
export function feedForward(c: Context, at: string, x: tf.Tensor3D): tf.Tensor3D {
  const map = (name: string, x: tf.Tensor3D) => linearMap(c.weights, `${at}.${name}`, x, c.adaptation);
  const out = (inner: tf.Tensor) => map('wo', dropped(c.adaptation, `${at} inner`, inner as tf.Tensor3D));
  const { feed_forward_proj: proj } = c.config;
  const activation = activationOf(proj);
  if (!isGated(proj)) return out(activate(activation, map('wi', x)));
  return out(gate(activation, map('wi_0', x), map('wi_1', x)));
}
