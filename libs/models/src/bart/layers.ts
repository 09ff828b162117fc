/** BART's sublayers. Each is work -> residual -> LayerNorm (Lewis et al. 2020). */
import * as tf from '@tensorflow/tfjs';
import { attention } from '#engine/ops/attention.js';
import { activate } from '../activation.js';
import { type Adaptation, type AttentionSite, dropped, droppedWeights } from '../adaptation.js';
import {
  type KeysAndValues,
  masking,
  mergeHeads,
  remembered,
  splitHeads,
  withPrefix,
  type Memory,
} from '../heads.js';
import { linearMap, normMap, weightOf } from '../linear-map.js';
import type { Weights } from '../batch.js';
import { tokenRows } from '../token-rows.js';
import type { BartConfig } from './bart-config.js';

export interface Context {
  config: BartConfig;
  weights: Weights;
  adaptation: Adaptation | undefined;
}

export type Stack = 'encoder' | 'decoder';

/** norm(x + sublayer(x)), past the sublayer hook. */
export function residual(
  c: Context,
  at: { sublayer: string; norm: string },
  x: tf.Tensor3D,
  work: (x: tf.Tensor3D) => tf.Tensor3D,
): tf.Tensor3D {
  const y = dropped(c.adaptation, at.sublayer, work(x));
  return norm(c, at.norm, tf.add(x, c.adaptation?.sublayer?.(at.sublayer, x, y) ?? y));
}

export function norm(c: Context, name: string, x: tf.Tensor3D): tf.Tensor3D {
  return normMap(c.weights, name, x, 1e-5, c.adaptation);
}

/** Embeddings of ids [N, T], scaled where the config says so, before positions are added. */
export function tokenEmbeddings({ config, weights, adaptation }: Context, ids: tf.Tensor2D): tf.Tensor3D {
  const rows = tokenRows(weightOf(weights, 'model.shared.weight'), ids, adaptation);
  return config.scale_embedding ? tf.mul(rows, Math.sqrt(config.d_model)) : rows;
}

const headsOf = (c: Context, stack: Stack): number => c.config[`${stack}_attention_heads`];

/** Past the memory hook. */
export function keysAndValues(c: Context, at: string, x: tf.Tensor3D, site: AttentionSite): KeysAndValues {
  const project = (name: string) =>
    splitHeads(linearMap(c.weights, `${at}.${name}`, x, c.adaptation), headsOf(c, site.stack));
  return remembered({ keys: project('k_proj'), values: project('v_proj') }, site, c.adaptation);
}

/** x [N, T, D] looks at the memory through the attention module `at` -> [N, T, D]. */
export function attend(
  c: Context,
  at: string,
  x: tf.Tensor3D,
  { memory, site, causal = false }: { memory: Memory; site: AttentionSite; causal?: boolean },
): tf.Tensor3D {
  const heads = headsOf(c, site.stack);
  const q = splitHeads(linearMap(c.weights, `${at}.q_proj`, x, c.adaptation), heads);
  const { keys, values, ...rest } = withPrefix(memory, site, c.adaptation);
  const scale = (c.config.d_model / heads) ** -0.5;
  const mixed = attention(q, keys, values, {
    scale,
    causal,
    ...masking(rest),
    ...droppedWeights(c.adaptation, at),
  });
  return linearMap(c.weights, `${at}.out_proj`, mergeHeads(mixed), c.adaptation);
}

export function feedForward(c: Context, layer: string, x: tf.Tensor3D): tf.Tensor3D {
  const inner = activate(c.config.activation_function, linearMap(c.weights, `${layer}.fc1`, x, c.adaptation));
  return linearMap(c.weights, `${layer}.fc2`, dropped(c.adaptation, `${layer} inner`, inner), c.adaptation);
}
