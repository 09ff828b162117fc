import * as tf from '@tensorflow/tfjs';
import { HostRandom } from '#engine/host-random.js';
import { type Draws, dropout } from '#engine/ops/dropout.js';
import type { EncoderModel, Model } from '#models/model.js';
import type { Parameters } from '../method.js';
import type { HeadForm } from './form.js';

/** Shapes of a head's tensors, weights as [in, out]. Parameters: D C + C, and D D + D of a dense layer. */
export function classifierShapes(
  { dense, bias }: HeadForm,
  { dModel }: Model,
  outputs: number,
): Record<string, number[]> {
  return {
    ...(dense !== null && { [denseWeight]: [dModel, dModel], [denseBias]: [dModel] }),
    [outWeight]: [dModel, outputs],
    ...(bias && { [outBias]: [outputs] }),
  };
}

/** One member's head: weights from N(0, std²), biases zero; a dense layer as the checkpoint's pooler where
 *  the form says so. */
export function initClassifier(form: HeadForm, model: Model, outputs: number, seed: number): Parameters {
  const shapes = Object.entries(classifierShapes(form, model, outputs));
  const pooler = form.beginsPooled ? poolerOf(model) : {};
  const drawn = shapes.map(
    ([name, shape]) => [name, pooler[name] ?? drawnTensor(name, shape, form.std, seed)] as const,
  );
  return Object.fromEntries(drawn);
}

/** The checkpoint's pooler as a head's dense layer; nothing where it has none. The caller owns the tensors.
 */
export function poolerOf(model: Model): Parameters {
  const stored = (model as Partial<EncoderModel>).storedPooler;
  if (!stored) return {};
  const { weight, bias } = stored;
  return {
    [denseWeight]: tf.tidy(() =>
      tf.transpose(tf.tensor2d(weight.values, weight.shape as [number, number], 'float32')),
    ),
    [denseBias]: tf.tensor1d(bias.values, 'float32'),
  };
}

function drawnTensor(name: string, shape: number[], std: number, seed: number): tf.Tensor {
  if (std === 0 || shape.length === 1) return tf.zeros(shape);
  const random = new HostRandom(seed, `head ${name}`);
  return tf.tensor(
    Float32Array.from({ length: shape[0]! * shape[1]! }, () => std * random.normal()),
    shape,
  );
}

/** The head hook: states [G * B, D] -> outputs [G * B, C], each member through its own maps. Drops only while
 *  training. */
export function classify(
  form: HeadForm,
  parameters: Parameters,
  draws?: Draws,
): (states: tf.Tensor2D) => tf.Tensor2D {
  const drop = (x: tf.Tensor2D, site: number) =>
    draws ? (dropout(x, form.dropout, draws, firstSite + site) as tf.Tensor2D) : x;
  return (states) => {
    const read = form.dropsStates ? drop(states, 0) : states;
    const inner =
      form.dense === null ? read : (tf.tanh(affine(parameters, denseWeight, denseBias, read)) as tf.Tensor2D);
    return affine(parameters, outWeight, outBias, drop(inner, 1));
  };
}

function affine(parameters: Parameters, weightName: string, biasName: string, x: tf.Tensor2D): tf.Tensor2D {
  const weight = parameters[weightName] as tf.Tensor3D;
  const bias = parameters[biasName];
  const [members, width, outputs] = weight.shape;
  const each = tf.matMul(tf.reshape(x, [members, -1, width]), weight);
  return tf.reshape(bias ? tf.add(each, tf.expandDims(bias, 1)) : each, [-1, outputs]) as tf.Tensor2D;
}

export const [outWeight, outBias] = ['classifier.weight', 'classifier.bias'] as const;
export const [denseWeight, denseBias] = ['classifier.dense.weight', 'classifier.dense.bias'] as const;

const firstSite = 1 << 20; // of dropout: beyond what methods have

const ofHead = (name: string): boolean => name.startsWith('classifier.');

/** The head's parameters, or their shapes, among a method's. */
export const headOf = <T>(parameters: Named<T>): Record<string, T> => chosen(parameters, ofHead);

export const withoutHead = <T>(parameters: Named<T>): Record<string, T> =>
  chosen(parameters, (name) => !ofHead(name));

type Named<T> = Readonly<Record<string, T>>;

const chosen = <T>(parameters: Named<T>, by: (name: string) => boolean): Record<string, T> =>
  Object.fromEntries(Object.entries(parameters).filter(([name]) => by(name)));
