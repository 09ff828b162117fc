import * as tf from '@tensorflow/tfjs';
import { embedding } from '#engine/ops/embedding.js';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import { repeatedPast } from '#models/generate/repeat.js';
import type { DecoderModel } from '#models/model.js';
import { idTable, ignoredLabel } from '../rows/row.js';
import { amongOwn, tokensOf } from './answering.js';
import type { ClassScores } from './class-scores.js';
import { continuations, type LabelSpaces } from './continuations.js';
import { rowsOf } from './label-rows.js';
import { laterLosses, readText } from './teacher-forcing.js';

/** A decoder is trained to go on with the label word, and answers with the word it finds likeliest behind the
 *  text. The text is read once: its last state gives the first token, and only the tokens of longer words are
 *  read behind it, from the cache. `compared`: the written text is compared with the words. */
export function byContinuation(
  model: DecoderModel,
  space: LabelSpaces,
  { compared, smoothing }: { compared: boolean; smoothing: number },
): ClassScores {
  const targets = continuations(model, space, compared);
  const width = Math.max(...targets.map((t) => t.length));
  const long = targets.flatMap((t, c) => (t.length > 1 ? [c] : []));
  return {
    fanOut: Math.max(1, long.length),
    positionsBehind: width - 1,
    tokens: targets.map((t) => t.length),
    constants: () => ({
      labelOutputs: idTable(targets, ignoredLabel),
      labelLengths: tf.tensor1d(targets.map((t) => t.length)),
    }),
    losses(pass) {
      const { batch, constants } = pass;
      const labels = batch['labels'] as tf.Tensor1D;
      const { past, first } = readText(model, pass, tokensOf(batch));
      const outputs = rowsOf(constants['labelOutputs'] as tf.Tensor2D, labels);
      const firsts = tf.reshape(tf.slice(outputs, [0, 0], [-1, 1]), [-1]) as tf.Tensor1D;
      const losses = softmaxCrossEntropy(first, firsts, smoothing);
      if (width === 1) return losses;
      const lengths = tf.sum(tf.mul(tf.oneHot(labels, targets.length), constants['labelLengths']!), 1);
      return tf.div(tf.add(losses, tf.sum(laterLosses(model, pass, past, outputs, smoothing), 1)), lengths);
    },
    outputs(pass) {
      const { batch, constants } = pass;
      const { past, first } = readText(model, pass, tokensOf(batch));
      const rows = first.shape[0];
      const firsts = chosenColumns(tf.logSoftmax(first), targets.map((t) => t[0]!)); // prettier-ignore
      if (long.length === 0) return amongOwn(firsts, batch);
      const every = tf.tensor1d(Array.from({ length: rows }, () => long).flat(), 'int32');
      const outputs = rowsOf(constants['labelOutputs'] as tf.Tensor2D, every);
      const losses = laterLosses(model, pass, repeatedPast(past, long.length), outputs);
      const sums = tf.reshape(tf.sum(losses, 1), [rows, long.length]) as tf.Tensor2D;
      const later = tf.matMul(
        sums,
        tf.oneHot(tf.tensor1d(long, 'int32'), targets.length).toFloat() as tf.Tensor2D,
      );
      return amongOwn(tf.sub(firsts, later), batch);
    },
  };
}

/** x [N, V] at `ids` [C] of its columns, [N, C]. */
function chosenColumns(x: tf.Tensor2D, ids: readonly number[]): tf.Tensor2D {
  return tf.transpose(embedding(tf.transpose(x), tf.tensor1d([...ids], 'int32')) as tf.Tensor2D);
}
