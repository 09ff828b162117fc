import * as tf from '@tensorflow/tfjs';
import { attention } from '#engine/ops/attention.js';
import { embedding } from '#engine/ops/embedding.js';
import { gelu } from '#engine/ops/gelu.js';
import { layerNorm } from '#engine/ops/layer-norm.js';
import { linear } from '#engine/ops/linear.js';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import type { Tensors } from '#engine/step/step.js';
import type { LanguageModelShape } from './shapes.js';

/** Random weights of a pre-LayerNorm decoder with a tied head; the same shape as peers/lm_step.py. */
export function languageModelWeights(c: LanguageModelShape): Tensors {
  const normal = (shape: number[]) => tf.randomNormal(shape, 0, 0.05, 'float32', 7);
  const weights: Tensors = {
    embed: normal([c.vocabulary, c.dModel]),
    position: normal([c.length, c.dModel]),
  };
  for (let l = 0; l < c.layers; l++) {
    for (const name of ['query', 'key', 'value', 'out']) {
      weights[`${l}.${name}.weight`] = normal([c.dModel, c.dModel]);
      weights[`${l}.${name}.bias`] = tf.zeros([c.dModel]);
    }
    weights[`${l}.up.weight`] = normal([c.dModel, c.dFf]);
    weights[`${l}.up.bias`] = tf.zeros([c.dFf]);
    weights[`${l}.down.weight`] = normal([c.dFf, c.dModel]);
    weights[`${l}.down.bias`] = tf.zeros([c.dModel]);
  }
  for (const norm of [
    ...Array.from({ length: c.layers }, (_, l) => [`${l}.norm1`, `${l}.norm2`]).flat(),
    'norm',
  ]) {
    weights[`${norm}.gain`] = tf.ones([c.dModel]);
    weights[`${norm}.bias`] = tf.zeros([c.dModel]);
  }
  return weights;
}

/** Next-token cross-entropy of ids int32 [B, T] against labels int32 [B * T], for each; any number of rows B.
 */
export function languageModelLosses(
  w: Tensors,
  c: LanguageModelShape,
  ids: tf.Tensor2D,
  labels: tf.Tensor1D,
): tf.Tensor1D {
  const [batch] = ids.shape;
  const heads = (x: tf.Tensor): tf.Tensor4D =>
    tf.transpose(tf.reshape(x, [batch, c.length, c.heads, c.dModel / c.heads]), [0, 2, 1, 3]);
  const map = (x: tf.Tensor, name: string) =>
    linear(x, w[`${name}.weight`]!, w[`${name}.bias`]!, { transposed: false });
  const norm = (x: tf.Tensor, name: string) => layerNorm(x, w[`${name}.gain`]!, w[`${name}.bias`]!, 1e-5);
  let x: tf.Tensor = tf.add(embedding(w['embed'] as tf.Tensor2D, ids), w['position']!);
  for (let l = 0; l < c.layers; l++) {
    const h = norm(x, `${l}.norm1`);
    const [q, k, v] = ['query', 'key', 'value'].map((name) => heads(map(h, `${l}.${name}`))) as [
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    const a = attention(q, k, v, { causal: true, scale: (c.dModel / c.heads) ** -0.5 });
    x = tf.add(x, map(tf.reshape(tf.transpose(a, [0, 2, 1, 3]), [batch, c.length, c.dModel]), `${l}.out`));
    x = tf.add(x, map(gelu(map(norm(x, `${l}.norm2`), `${l}.up`), 'tanh'), `${l}.down`));
  }
  const logits = linear(tf.reshape(norm(x, 'norm'), [-1, c.dModel]), w['embed']!, null, { transposed: true });
  return softmaxCrossEntropy(logits as tf.Tensor2D, labels);
}
