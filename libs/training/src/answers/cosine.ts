import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import type { EncoderModel } from '#models/model.js';
import { pooled } from '../read-once/pooled.js';
import { tokenTensors } from '../rows/row.js';
import { amongOwn } from './answering.js';
import type { ClassScores } from './class-scores.js';

/** Temperature of the cosine: logits = 20 cos(text, label word), sentence-transformers' scale. */
const cosineScale = 20;

/** An encoder compares the pooled text with the label words as the untouched backbone embeds them. */
export function byCosine(model: EncoderModel, labelWords: readonly string[], smoothing: number): ClassScores {
  const outputs: ClassScores['outputs'] = ({ weights, adaptation, batch, constants }) => {
    const text = unit(pooled(model, weights, adaptation, batch));
    const cosines = tf.matMul(text, constants['labelVectors'] as tf.Tensor2D, false, true);
    return amongOwn(tf.mul(cosineScale, cosines), batch);
  };
  return {
    fanOut: 1,
    positionsBehind: 0,
    constants: () =>
      tf.tidy(() => {
        const rows = labelWords.map((w) => ({ ids: model.tokenizer.encode(w) }));
        const words = tokenTensors(rows, model.tokenizer.padId);
        return { labelVectors: unit(model.pool(model.encode(model.weights, words), words)) };
      }),
    outputs,
    losses: (pass) => softmaxCrossEntropy(outputs(pass), pass.batch['labels'] as tf.Tensor1D, smoothing),
  };
}

function unit(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-12)));
}
