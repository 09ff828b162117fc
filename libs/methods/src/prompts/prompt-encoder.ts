/** P-tuning's prompt encoder: two bidirectional LSTM layers and an MLP, or an MLP, or nothing. Tensors have
 *  PyTorch's names and layouts. */
import * as tf from '@tensorflow/tfjs';
import { product } from '#engine/ops/product.js';
import type { PTuning } from '#contracts/methods/p-tuning.js';
import type { Model } from '#models/model.js';
import type { Parameters } from '../method.js';
import { type Axis, sizedBy } from '../members/shapes.js';

const layers = [0, 1];
const directions = ['', '_reverse'];

export function promptEncoderShapes({ length, encoder, hidden, form }: PTuning, model: Model) {
  const d = model.dModel;
  const width = hidden ?? d;
  const shapes: Record<string, Axis<'length'>[]> = { embedding: [sizedBy('length', length), d] };
  const linear = (name: string, inputs: number, outputs: number) => {
    shapes[`mlp_head.${name}.weight`] = [outputs, inputs];
    shapes[`mlp_head.${name}.bias`] = [outputs];
  };
  if (encoder === 'lstm') {
    const h = form === 'paper' ? width / 2 : width;
    for (const layer of layers)
      for (const direction of directions) {
        const end = `l${layer}${direction}`;
        shapes[`lstm_head.weight_ih_${end}`] = [4 * h, layer === 0 ? d : 2 * h];
        shapes[`lstm_head.weight_hh_${end}`] = [4 * h, h];
        shapes[`lstm_head.bias_ih_${end}`] = [4 * h];
        shapes[`lstm_head.bias_hh_${end}`] = [4 * h];
      }
    linear('0', 2 * h, 2 * h);
    linear('2', 2 * h, d);
  }
  if (encoder === 'mlp') {
    linear('0', d, width);
    linear('2', width, form === 'paper' ? d : width);
    if (form === 'peft') linear('4', width, d);
  }
  return shapes;
}

/** [G, P, D] from stacked parameters; mask [G, P] is 0 for the padding in front of a shorter member's tokens.
 */
export function pseudoTokens({ encoder }: PTuning, parameters: Parameters, mask: tf.Tensor2D): tf.Tensor3D {
  let x = parameters['embedding'] as tf.Tensor3D;
  if (encoder === 'lstm') for (const layer of layers) x = bidirectional(parameters, layer, x, mask);
  const maps = ['0', '2', '4'].filter((name) => parameters[`mlp_head.${name}.weight`]);
  maps.forEach((name, i) => {
    x = affine(x, parameters[`mlp_head.${name}.weight`]!, parameters[`mlp_head.${name}.bias`]!);
    if (i < maps.length - 1) x = tf.relu(x);
  });
  return x;
}

function bidirectional(
  parameters: Parameters,
  layer: number,
  x: tf.Tensor3D,
  mask: tf.Tensor2D,
): tf.Tensor3D {
  const [forward, backward] = directions.map((direction) => {
    const part = (name: string) => parameters[`lstm_head.${name}_l${layer}${direction}`]!;
    const inputs = affine(x, part('weight_ih'), tf.add(part('bias_ih'), part('bias_hh')));
    return recurrence(inputs, part('weight_hh') as tf.Tensor3D, mask, direction !== '');
  });
  return tf.concat([forward!, backward!], 2);
}

/** Hidden states [G, P, H] of gate inputs [G, P, 4 H] in PyTorch's order input, forget, cell, output; padding
 *  leaves the state zero. */
function recurrence(
  inputs: tf.Tensor3D,
  recurrent: tf.Tensor3D,
  mask: tf.Tensor2D,
  backwards: boolean,
): tf.Tensor3D {
  const [members, length, gates] = inputs.shape;
  const width = gates / 4;
  const steps = Array.from({ length }, (_, i) => (backwards ? length - 1 - i : i));
  const states: tf.Tensor[] = [];
  let [h, c]: tf.Tensor[] = [tf.zeros([members, 1, width]), tf.zeros([members, 1, width])];
  for (const t of steps) {
    const now = tf.add(
      tf.slice(inputs, [0, t, 0], [members, 1, gates]),
      tf.matMul(h!, recurrent, false, true),
    );
    const [i, f, g, o] = tf.split(now, 4, 2) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const own = tf.reshape(tf.slice(mask, [0, t], [members, 1]), [members, 1, 1]);
    c = tf.mul(own, tf.add(tf.mul(tf.sigmoid(f), c!), tf.mul(tf.sigmoid(i), tf.tanh(g))));
    h = tf.mul(own, tf.mul(tf.sigmoid(o), tf.tanh(c)));
    states[t] = h;
  }
  return tf.concat(states, 1) as tf.Tensor3D;
}

/** x [G, P, in] W^T + b, W [G, out, in]. */
function affine(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor3D {
  return tf.add(product<tf.Tensor>(x, weight, false, true), tf.expandDims(bias, 1));
}
