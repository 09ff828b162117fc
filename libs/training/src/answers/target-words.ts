import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import type { Tensors } from '#engine/step/step.js';
import type { Adaptation, Hidden } from '#models/adaptation.js';
import { repeatedRows } from '#models/generate/repeat.js';
import type { Weights } from '#models/batch.js';
import type { EncoderDecoderModel } from '#models/model.js';
import { ignoredLabel } from '../rows/encode-examples.js';
import { amongOwn, type Answering, tokensOf } from './answering.js';
import { idTable, rowsOf } from './label-tables.js';

/** An encoder-decoder is trained to write the label word and the end, and answers with the word it finds likeliest. */
export function byTargetWords(
  model: EncoderDecoderModel,
  labelWords: readonly string[],
): Omit<Answering, 'key' | 'classes' | 'said'> {
  const targets = labelWords.map((w) => [...model.tokenizer.encodePlain(w), model.endId]);
  const classes = targets.length;
  /** Cross-entropy of each token of each row's target [N, U]; labels int32 [N] choose among the label words. */
  const targetLosses = (
    weights: Weights,
    encoded: Hidden,
    labels: tf.Tensor1D,
    adaptation: Adaptation,
    constants: Tensors,
  ): tf.Tensor2D => {
    const inputs = rowsOf(constants['labelInputs'] as tf.Tensor2D, labels);
    const outputs = rowsOf(constants['labelOutputs'] as tf.Tensor2D, labels);
    const logits = model.decode(weights, encoded, inputs, adaptation);
    const losses = softmaxCrossEntropy(tf.reshape(logits, [outputs.size, -1]), tf.reshape(outputs, [-1]));
    return tf.reshape(losses, outputs.shape);
  };
  return {
    fanOut: 1, // of the text, which is long, nothing is computed twice
    positionsBehind: 0,
    constants: () => ({
      labelInputs: idTable(targets.map((t) => [model.decoderStartId, ...t.slice(0, -1)]), 0), // prettier-ignore
      labelOutputs: idTable(targets, ignoredLabel),
      labelLengths: tf.tensor1d(targets.map((t) => t.length)),
    }),
    losses(weights, adaptation, batch, constants) {
      const labels = batch['labels'] as tf.Tensor1D;
      const encoded = model.encode(weights, tokensOf(batch), adaptation);
      const lengths = tf.sum(tf.mul(tf.oneHot(labels, classes), constants['labelLengths']!), 1);
      return tf.div(tf.sum(targetLosses(weights, encoded, labels, adaptation, constants), 1), lengths);
    },
    scores(weights, adaptation, batch, constants) {
      const encoded = model.encode(weights, tokensOf(batch), adaptation);
      const rows = encoded.states.shape[0];
      const each = { states: repeatedRows(encoded.states, classes), mask: repeatedRows(encoded.mask, classes) };
      const every = tf.tensor1d(Array.from({ length: rows * classes }, (_, i) => i % classes), 'int32'); // prettier-ignore
      const losses = tf.sum(targetLosses(weights, each, every, adaptation, constants), 1);
      return amongOwn(tf.neg(tf.reshape(losses, [rows, classes])), batch);
    },
  };
}
