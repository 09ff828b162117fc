import * as tf from '@tensorflow/tfjs';
import type { Hidden } from '#models/adaptation.js';
import { repeatedRows } from '#models/generate/repeat.js';
import type { EncoderDecoderModel } from '#models/model.js';
import { idTable, ignoredLabel } from '../rows/row.js';
import { amongOwn, type Asked, type Pass, tokensOf } from './answering.js';
import type { ClassScores } from './class-scores.js';
import { rowsOf } from './label-rows.js';
import { decodedLosses } from './teacher-forcing.js';

/** An encoder-decoder is trained to write the label word and the end, and answers with the word it finds
 *  likeliest. */
export function byTargetWords(
  model: EncoderDecoderModel,
  labelWords: readonly string[],
  { front, smoothing }: Pick<Asked<'class'>, 'front' | 'smoothing'>,
): ClassScores {
  const targets = labelWords.map((w) => [...front, ...model.tokenizer.encodePlain(w), model.endId]);
  const classes = targets.length;
  /** Cross-entropy of each token of each row's target [N, U]; labels int32 [N] choose among the label words.
   */
  const targetLosses = (pass: Pass, encoded: Hidden, labels: tf.Tensor1D, smoothing = 0): tf.Tensor2D =>
    decodedLosses(model, pass, encoded, {
      inputs: rowsOf(pass.constants['labelInputs'] as tf.Tensor2D, labels),
      targets: rowsOf(pass.constants['labelOutputs'] as tf.Tensor2D, labels),
      smoothing,
    });
  return {
    fanOut: 1, // of the text, which is long, nothing is computed twice
    positionsBehind: 0,
    tokens: targets.map((t) => t.length),
    constants: () => ({
      labelInputs: idTable(
        targets.map((t) => [model.decoderStartId, ...t.slice(0, -1)]),
        0,
      ),
      labelOutputs: idTable(targets, ignoredLabel),
      labelLengths: tf.tensor1d(targets.map((t) => t.length)),
    }),
    losses(pass) {
      const { weights, adaptation, batch, constants } = pass;
      const labels = batch['labels'] as tf.Tensor1D;
      const encoded = model.encode(weights, tokensOf(batch), adaptation);
      const lengths = tf.sum(tf.mul(tf.oneHot(labels, classes), constants['labelLengths']!), 1);
      return tf.div(tf.sum(targetLosses(pass, encoded, labels, smoothing), 1), lengths);
    },
    outputs(pass) {
      const { weights, adaptation, batch } = pass;
      const encoded = model.encode(weights, tokensOf(batch), adaptation);
      const rows = encoded.states.shape[0];
      const each = {
        states: repeatedRows(encoded.states, classes),
        mask: repeatedRows(encoded.mask, classes),
      };
      const every = tf.tensor1d(
        Array.from({ length: rows * classes }, (_, i) => i % classes),
        'int32',
      );
      const losses = tf.sum(targetLosses(pass, each, every), 1);
      return amongOwn(tf.neg(tf.reshape(losses, [rows, classes])), batch);
    },
  };
}
