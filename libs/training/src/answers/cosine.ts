import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import type { EncoderModel } from '#models/model.js';
import { amongOwn, type Answering } from './answering.js';
import { tokenTensors } from '../rows/encode-examples.js';
import { pooled } from '../read-once/pooled.js';

/** Temperature of the cosine: logits = 20 cos(text, label word), sentence-transformers' scale. */
const cosineScale = 20;

/** An encoder compares the pooled text with the label words as the untouched backbone embeds them. */
export function byCosine(model: EncoderModel, labelWords: readonly string[]): Omit<Answering, 'key' | 'classes' | 'said'> {
  const scores: Answering['scores'] = (weights, adaptation, batch, constants) => {
    const text = unit(pooled(model, weights, adaptation, batch));
    const cosines = tf.matMul(text, constants['labelVectors'] as tf.Tensor2D, false, true);
    return amongOwn(tf.mul(cosineScale, cosines), batch);
  };
  return {
    fanOut: 1,
    positionsBehind: 0,
    constants: () =>
      tf.tidy(() => {
        const words = tokenTensors(
          labelWords.map((w) => model.tokenizer.encode(w)),
          model.tokenizer.padId,
        );
        return { labelVectors: unit(model.pool(model.encode(model.weights, words), words)) };
      }),
    scores,
    losses: (weights, adaptation, batch, constants) =>
      softmaxCrossEntropy(scores(weights, adaptation, batch, constants), batch['labels'] as tf.Tensor1D),
  };
}

function unit(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-12)));
}
