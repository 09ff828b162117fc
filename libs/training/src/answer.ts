import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import type { Tensors } from '#engine/step.js';
import type { Adaptation, Hidden } from '#models/adaptation.js';
import type { EncoderDecoderModel, EncoderModel, Model, TokenBatch, Weights } from '#models/model.js';
import { byMask } from './answer-mask.js';
import { tokenTensors } from './encode-examples.js';

/** How a model answers a classification task. Pure functions of tensors, to be called inside a step. */
export interface Answering {
  /** Fixed tensors that the two functions need among the step's constants. The caller owns them. */
  constants(): Tensors;
  /** Loss of each row [N] for its label. */
  losses(weights: Weights, adaptation: Adaptation, batch: Tensors, constants: Tensors): tf.Tensor1D;
  /** What a head reads, [N, D]. */
  pooled(weights: Weights, adaptation: Adaptation, batch: Tensors): tf.Tensor2D;
  /** A score for every class, [N, C]: the largest is the answer. A batch may hold `pooled` [N, D] in place of tokens for a head. */
  scores(weights: Weights, adaptation: Adaptation, batch: Tensors, constants: Tensors): tf.Tensor2D;
}

/** Label of a position that counts for nothing. */
export const ignoredLabel = -100;

/** Temperature of the cosine: logits = 20 cos(text, label word), sentence-transformers' scale. */
const cosineScale = 20;

/** `maskId`: the token whose place is the label's, where a template has one. */
export function answering(model: Model, labelWords: readonly string[], maskId?: number): Answering {
  if (maskId !== undefined && model.kind === 'encoder') return byMask(model, labelWords, maskId);
  if (model.kind === 'decoder')
    throw new Error(
      `backbone of family ${model.family} answers no classification task yet; expected an encoder or encoder-decoder`,
    );
  return model.kind === 'encoder' ? byCosine(model, labelWords) : byLabelWords(model, labelWords);
}

const tokens = (batch: Tensors): TokenBatch => ({ ids: batch['ids'] as tf.Tensor2D, mask: batch['mask'] as tf.Tensor2D });

/** An encoder compares the pooled text with the label words as the untouched backbone embeds them, or asks the adaptation's head. */
function byCosine(model: EncoderModel, labelWords: readonly string[]): Answering {
  const pooledOf: Answering['pooled'] = (weights, adaptation, batch) =>
    model.pool(model.encode(weights, tokens(batch), adaptation), tokens(batch));
  const scores: Answering['scores'] = (weights, adaptation, batch, constants) => {
    const pooled = (batch['pooled'] as tf.Tensor2D | undefined) ?? pooledOf(weights, adaptation, batch);
    if (adaptation.head) return adaptation.head(pooled);
    return tf.mul(cosineScale, tf.matMul(unit(pooled), constants['labelVectors'] as tf.Tensor2D, false, true));
  };
  return {
    constants: () =>
      tf.tidy(() => {
        const words = tokenTensors(
          labelWords.map((w) => model.tokenizer.encode(w)),
          model.tokenizer.padId,
        );
        return { labelVectors: unit(model.pool(model.encode(model.weights, words), words)) };
      }),
    pooled: pooledOf,
    scores,
    losses: (weights, adaptation, batch, constants) =>
      softmaxCrossEntropy(scores(weights, adaptation, batch, constants), batch['labels'] as tf.Tensor1D),
  };
}

function unit(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-12)));
}

/** An encoder-decoder is trained to write the label word, and answers with the word it finds likeliest. */
function byLabelWords(model: EncoderDecoderModel, labelWords: readonly string[]): Answering {
  const targets = labelWords.map((w) => [...model.tokenizer.encodePlain(w), model.endId]);
  const width = Math.max(...targets.map((t) => t.length));
  const padded = (fill: number, shift: boolean) =>
    targets.flatMap((t) => {
      const row = shift ? [model.decoderStartId, ...t.slice(0, -1)] : t;
      return [...row, ...new Array<number>(width - t.length).fill(fill)];
    });
  /** Cross-entropy summed over each row's target [N]; labels int32 [N] choose among the label words. */
  const targetLosses = (
    weights: Weights,
    encoded: Hidden,
    labels: tf.Tensor1D,
    adaptation: Adaptation,
    constants: Tensors,
  ): tf.Tensor2D => {
    const rows = labels.shape[0];
    const inputs = rowsOf(constants['labelInputs'] as tf.Tensor2D, labels);
    const outputs = rowsOf(constants['labelOutputs'] as tf.Tensor2D, labels);
    const logits = model.decode(weights, encoded, inputs, adaptation);
    const losses = softmaxCrossEntropy(tf.reshape(logits, [rows * width, -1]), tf.reshape(outputs, [-1]));
    return tf.reshape(losses, [rows, width]);
  };
  const pooledOf: Answering['pooled'] = (weights, adaptation, batch) =>
    (batch['pooled'] as tf.Tensor2D | undefined) ?? meanState(model.encode(weights, tokens(batch), adaptation));
  return {
    pooled: pooledOf,
    constants: () => ({
      labelInputs: tf.tensor2d(padded(0, true), [targets.length, width], 'int32'),
      labelOutputs: tf.tensor2d(padded(ignoredLabel, false), [targets.length, width], 'int32'),
      labelLengths: tf.tensor1d(targets.map((t) => t.length)),
    }),
    losses(weights, adaptation, batch, constants) {
      const labels = batch['labels'] as tf.Tensor1D;
      if (adaptation.head) return softmaxCrossEntropy(adaptation.head(pooledOf(weights, adaptation, batch)), labels);
      const encoded = model.encode(weights, tokens(batch), adaptation);
      const lengths = tf.sum(tf.mul(tf.oneHot(labels, targets.length), constants['labelLengths']!), 1);
      return tf.div(tf.sum(targetLosses(weights, encoded, labels, adaptation, constants), 1), lengths);
    },
    scores(weights, adaptation, batch, constants) {
      if (adaptation.head) return adaptation.head(pooledOf(weights, adaptation, batch));
      const encoded = model.encode(weights, tokens(batch), adaptation);
      const rows = encoded.states.shape[0];
      const classes = targets.length;
      const each = { states: repeated(encoded.states, classes), mask: repeated(encoded.mask, classes) };
      const every = tf.tensor1d(Array.from({ length: rows * classes }, (_, i) => i % classes), 'int32'); // prettier-ignore
      return tf.neg(tf.reshape(tf.sum(targetLosses(weights, each, every, adaptation, constants), 1), [rows, classes]));
    },
  };
}

/** Rows of a small int32 table by a one-hot product: exact, and legal on every backend inside a trace. */
function rowsOf(table: tf.Tensor2D, ids: tf.Tensor1D): tf.Tensor2D {
  const chosen = tf.matMul(tf.oneHot(ids, table.shape[0]).toFloat() as tf.Tensor2D, table.toFloat());
  return tf.cast(tf.round(chosen), 'int32') as tf.Tensor2D;
}

function meanState({ states, mask }: Hidden): tf.Tensor2D {
  const weights = tf.div(mask, tf.sum(mask, 1, true));
  return tf.sum(tf.mul(states, tf.expandDims(weights, 2)), 1) as tf.Tensor2D;
}

/** Each row `times` times in a row. */
function repeated<T extends tf.Tensor>(x: T, times: number): T {
  const [rows, ...rest] = x.shape as [number, ...number[]];
  return tf.reshape(tf.tile(tf.expandDims(x, 1), [1, times, ...rest.map(() => 1)]), [rows * times, ...rest]) as T;
}
