import * as tf from '@tensorflow/tfjs';
import type { Task } from '#contracts/task.js';
import { embedding } from '#engine/ops/embedding.js';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import type { Adaptation } from '#models/adaptation.js';
import { repeatedPast } from '#models/generate/repeat.js';
import type { TokenBatch, Weights } from '#models/batch.js';
import type { DecoderModel } from '#models/model.js';
import type { Past } from '#models/past.js';
import { ignoredLabel } from '../rows/encode-examples.js';
import { amongOwn, type Answering, type Classes, tokensOf } from './answering.js';
import { continuations } from './continuations.js';
import { longestAnswer } from './decoded-answers.js';
import { idTable, rowsOf } from './label-tables.js';

/** A decoder is trained to go on with the label word, and answers with the word it finds likeliest behind the text. The text is read once:
 *  its last state gives the first token, and only the tokens of longer words are read behind it, from the cache. */
export function byContinuation(
  model: DecoderModel,
  classes: Classes,
  scoring: Task['scoring'],
): Omit<Answering, 'key' | 'classes' | 'said'> {
  const targets = continuations(model, classes, scoring);
  const width = Math.max(...targets.map((t) => t.length));
  const long = targets.flatMap((t, c) => (t.length > 1 ? [c] : []));

  /** Cross-entropy [N, U - 1] of the tokens behind the first of outputs int32 [N, U]. */
  const laterLosses = (weights: Weights, past: Past, outputs: tf.Tensor2D, adaptation: Adaptation): tf.Tensor2D => {
    const { inputs, later } = shifted(outputs);
    const logits = model.logits(weights, model.follow(weights, inputs, past, adaptation), adaptation);
    const losses = softmaxCrossEntropy(tf.reshape(logits, [later.size, -1]), tf.reshape(later, [-1]));
    return tf.reshape(losses, later.shape);
  };
  const readText = (weights: Weights, text: TokenBatch, adaptation: Adaptation) => {
    const read = model.read(weights, text, adaptation);
    const last = tf.expandDims(model.pool(read, text), 1) as tf.Tensor3D;
    return { past: read.past, first: tf.squeeze(model.logits(weights, last, adaptation), [1]) as tf.Tensor2D };
  };
  return {
    fanOut: Math.max(1, long.length),
    positionsBehind: scoring === 'decode' ? longestAnswer(model, classes) : width - 1,
    constants: () => ({
      labelOutputs: idTable(targets, ignoredLabel),
      labelLengths: tf.tensor1d(targets.map((t) => t.length)),
    }),
    losses(weights, adaptation, batch, constants) {
      const labels = batch['labels'] as tf.Tensor1D;
      const { past, first } = readText(weights, tokensOf(batch), adaptation);
      const outputs = rowsOf(constants['labelOutputs'] as tf.Tensor2D, labels);
      const losses = softmaxCrossEntropy(first, tf.reshape(tf.slice(outputs, [0, 0], [-1, 1]), [-1]));
      if (width === 1) return losses;
      const lengths = tf.sum(tf.mul(tf.oneHot(labels, targets.length), constants['labelLengths']!), 1);
      return tf.div(tf.add(losses, tf.sum(laterLosses(weights, past, outputs, adaptation), 1)), lengths);
    },
    scores(weights, adaptation, batch, constants) {
      const { past, first } = readText(weights, tokensOf(batch), adaptation);
      const rows = first.shape[0];
      const firsts = chosenColumns(tf.logSoftmax(first), targets.map((t) => t[0]!)); // prettier-ignore
      if (long.length === 0) return amongOwn(firsts, batch);
      const every = tf.tensor1d(Array.from({ length: rows }, () => long).flat(), 'int32');
      const outputs = rowsOf(constants['labelOutputs'] as tf.Tensor2D, every);
      const losses = laterLosses(weights, repeatedPast(past, long.length), outputs, adaptation);
      const sums = tf.reshape(tf.sum(losses, 1), [rows, long.length]) as tf.Tensor2D;
      const later = tf.matMul(sums, tf.oneHot(tf.tensor1d(long, 'int32'), targets.length).toFloat() as tf.Tensor2D);
      return amongOwn(tf.sub(firsts, later), batch);
    },
  };
}

/** Targets [N, U] as what is read, all but the last token of each, and what is to be written behind it, both [N, U - 1]. */
function shifted(targets: tf.Tensor2D): { inputs: TokenBatch; later: tf.Tensor2D } {
  const [rows, width] = targets.shape;
  const later = tf.slice(targets, [0, 1], [rows, width - 1]);
  const before = tf.slice(targets, [0, 0], [rows, width - 1]);
  const mask = tf.cast(tf.notEqual(later, ignoredLabel), 'float32') as tf.Tensor2D;
  return { inputs: { ids: tf.mul(before, tf.cast(mask, 'int32')) as tf.Tensor2D, mask }, later };
}

/** x [N, V] at `ids` [C] of its columns, [N, C]. */
function chosenColumns(x: tf.Tensor2D, ids: readonly number[]): tf.Tensor2D {
  return tf.transpose(embedding(tf.transpose(x), tf.tensor1d([...ids], 'int32')) as tf.Tensor2D);
}
