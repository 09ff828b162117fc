import * as tf from '@tensorflow/tfjs';
import type { Model } from '#models/model.js';
import type { LabelSpace, Parameters } from '../method.js';
import type { Shapes } from '../members/stacking.js';

/** A linear classifier on the pooled final states, from zero. Parameters: dModel x classes + classes. */
export function classifierShapes(model: Model, labels: LabelSpace): Shapes {
  return { 'classifier.weight': [model.dModel, labels.words.length], 'classifier.bias': [labels.words.length] };
}

/** The head hook: pooled [G * B, D] -> logits [G * B, C], each member through its own map. */
export function classify(parameters: Parameters): (pooled: tf.Tensor2D) => tf.Tensor2D {
  return (pooled) => {
    const weight = parameters['classifier.weight'] as tf.Tensor3D;
    const [members, width, classes] = weight.shape;
    const each = tf.reshape(pooled, [members, -1, width]);
    const logits = tf.add(tf.matMul(each, weight), tf.expandDims(parameters['classifier.bias']!, 1));
    return tf.reshape(logits, [-1, classes]) as tf.Tensor2D;
  };
}
