import * as tf from '@tensorflow/tfjs';
import { attention } from '#engine/ops/attention.js';
import { activate } from '../activation.js';
import { type Adaptation, type AttentionSite, dropped, droppedWeights, type Hidden } from '../adaptation.js';
import { masking, mergeHeads, remembered, splitHeads, withPrefix } from '../heads.js';
import { linearMap, normMap } from '../linear-map.js';
import type { Weights } from '../batch.js';
import type { AttentionNames, PostNormConfig } from './encoder.js';

/** Final states of embedded and normalised ones; `bias` [1, H, T, S] is added to the scores of every layer.
 *  Begins and ends where the adaptation says. */
export function postNormLayers(
  c: PostNormConfig,
  names: AttentionNames,
  weights: Weights,
  { states, mask, bias }: Hidden & { bias?: tf.Tensor4D },
  adaptation: Adaptation,
): Hidden {
  const { begin, end = c.num_hidden_layers } = adaptation;
  const norm = (name: string, x: tf.Tensor) =>
    normMap(weights, name, x as tf.Tensor3D, c.layer_norm_eps, adaptation);
  const attend = (x: tf.Tensor3D, layer: number, at: string): tf.Tensor3D => {
    const map = (part: string) =>
      splitHeads(linearMap(weights, `${at}.${part}`, x, adaptation), c.num_attention_heads);
    const site: AttentionSite = { stack: 'encoder', kind: 'self', layer };
    const query = map(names.query); // first: gates of what stands in front may read what it reads
    const own = remembered({ keys: map(names.key), values: map(names.value) }, site, adaptation);
    const { keys, values, ...seen } = withPrefix({ ...own, mask, bias }, site, adaptation);
    const scale = (c.hidden_size / c.num_attention_heads) ** -0.5;
    const mixed = attention(query, keys, values, {
      scale,
      ...masking(seen),
      ...droppedWeights(adaptation, at),
    });
    return linearMap(weights, `${at}.${names.output}`, mergeHeads(mixed), adaptation);
  };
  const sublayer = (name: string, x: tf.Tensor3D, made: tf.Tensor3D) => {
    const y = dropped(adaptation, name, made);
    return adaptation.sublayer?.(name, x, y) ?? y;
  };
  let x = begin ? states : dropped(adaptation, 'embeddings', states);
  for (let layer = begin?.layer ?? 0; layer < end; layer++) {
    const at = `encoder.layer.${layer}`;
    const h = norm(`${at}.${names.norm}`, tf.add(sublayer(`${at}.attention`, x, attend(x, layer, at)), x));
    const inner = activate(c.hidden_act, linearMap(weights, `${at}.intermediate.dense`, h, adaptation));
    const fed = linearMap(weights, `${at}.output.dense`, inner, adaptation);
    x = norm(`${at}.output.LayerNorm`, tf.add(sublayer(`${at}.output`, h, fed), h));
  }
  return { states: x, mask };
}
