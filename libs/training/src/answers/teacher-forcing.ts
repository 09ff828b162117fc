/** How likely a model that writes finds given tokens behind a text: each token is read in its turn, whatever
 *  the model would have written. Losses and likelihoods of label words, choices, texts and cloze words are
 *  made of this. */
import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import type { Adaptation, Hidden } from '#models/adaptation.js';
import type { TokenBatch, Weights } from '#models/batch.js';
import { continuationOf } from '#models/continuation.js';
import { repeatedPast, repeatedRows } from '#models/generate/repeat.js';
import type { DecoderModel, EncoderDecoderModel } from '#models/model.js';
import type { Past } from '#models/past.js';
import { ignoredLabel } from '../rows/row.js';

export type WritingModel = DecoderModel | EncoderDecoderModel;

/** A text that was read, for tokens to follow. */
export interface Opened {
  /** -log p of each token of targets int32 [N, U], [N, U]; 0 where they hold ignoredLabel. With smoothed
   *  labels it is no likelihood. */
  losses(targets: tf.Tensor2D, smoothing?: number): tf.Tensor2D;
  /** Logits [N, V] of the token behind the text and `before`. */
  next(before: readonly number[]): tf.Tensor2D;
  /** The same text `times` times in a row. */
  repeated(times: number): Opened;
}

interface By {
  weights: Weights;
  adaptation: Adaptation;
}

export function opened(model: WritingModel, by: By, text: TokenBatch): Opened {
  switch (model.kind) {
    case 'decoder':
      return behindText(model, by, readText(model, by, text));
    case 'encoder-decoder':
      return behindEncoded(model, by, model.encode(by.weights, text, by.adaptation));
  }
}

export interface ReadText {
  past: Past;
  first: tf.Tensor2D; // logits [N, V] of the token behind the text
}

export function readText(model: DecoderModel, { weights, adaptation }: By, text: TokenBatch): ReadText {
  const read = model.read(weights, text, adaptation);
  const last = tf.expandDims(model.pool(read, text), 1) as tf.Tensor3D;
  return { past: read.past, first: tf.squeeze(model.logits(weights, last, adaptation), [1]) as tf.Tensor2D };
}

/** -log p [N, U - 1] of the tokens behind the first of targets int32 [N, U]. */
export function laterLosses(
  model: DecoderModel,
  by: By,
  past: Past,
  targets: tf.Tensor2D,
  smoothing = 0,
): tf.Tensor2D {
  const { weights, adaptation } = by;
  const { inputs, later } = shifted(targets);
  const logits = model.logits(weights, model.follow(weights, inputs, past, adaptation), adaptation);
  return eachLoss(logits, later, smoothing);
}

/** -log p [N, U] of targets int32 [N, U], which an encoder-decoder writes as it reads `inputs` [N, U]. */
export function decodedLosses(
  model: EncoderDecoderModel,
  { weights, adaptation }: By,
  encoded: Hidden,
  { inputs, targets, smoothing = 0 }: { inputs: tf.Tensor2D; targets: tf.Tensor2D; smoothing?: number },
): tf.Tensor2D {
  return eachLoss(model.decode(weights, encoded, inputs, adaptation), targets, smoothing);
}

/** What a model writes for a text, without its end. */
export function wordTokens(model: WritingModel, text: string): number[] {
  return model.kind === 'decoder' ? continuationOf(model.tokenizer, text) : model.tokenizer.encodePlain(text);
}

function behindText(model: DecoderModel, by: By, { past, first }: ReadText): Opened {
  return {
    losses(targets, smoothing = 0) {
      const [rows, width] = targets.shape;
      const labels = tf.reshape(tf.slice(targets, [0, 0], [rows, 1]), [-1]) as tf.Tensor1D;
      const own = softmaxCrossEntropy(first, labels, smoothing);
      const begun: tf.Tensor2D = tf.reshape(own, [rows, 1]);
      return width === 1
        ? begun
        : (tf.concat([begun, laterLosses(model, by, past, targets, smoothing)], 1) as tf.Tensor2D);
    },
    next(before) {
      if (before.length === 0) return first;
      const ids = tf.tile(tf.tensor2d([...before], [1, before.length], 'int32'), [first.shape[0], 1]);
      const states = model.follow(by.weights, { ids, mask: tf.ones(ids.shape) }, past, by.adaptation);
      const last = tf.slice(states, [0, before.length - 1, 0], [-1, 1, -1]);
      return tf.squeeze(model.logits(by.weights, last, by.adaptation), [1]);
    },
    repeated: (times) =>
      behindText(model, by, { past: repeatedPast(past, times), first: repeatedRows(first, times) }),
  };
}

function behindEncoded(model: EncoderDecoderModel, by: By, encoded: Hidden): Opened {
  const { weights, adaptation } = by;
  return {
    losses(targets, smoothing = 0) {
      const [rows, width] = targets.shape;
      const counted = tf.cast(tf.notEqual(targets, ignoredLabel), 'int32');
      const before = tf.slice(tf.mul(targets, counted), [0, 0], [rows, width - 1]);
      const start = tf.fill([rows, 1], model.decoderStartId, 'int32');
      const inputs = tf.concat([start, before], 1) as tf.Tensor2D;
      return decodedLosses(model, by, encoded, { inputs, targets, smoothing });
    },
    next(before) {
      const inputs = [model.decoderStartId, ...before];
      const ids = tf.tile(tf.tensor2d(inputs, [1, inputs.length], 'int32'), [encoded.states.shape[0], 1]);
      const logits = model.decode(weights, encoded, ids, adaptation);
      return tf.squeeze(tf.slice(logits, [0, inputs.length - 1, 0], [-1, 1, -1]), [1]);
    },
    repeated(times) {
      const states = repeatedRows(encoded.states, times);
      return behindEncoded(model, by, { states, mask: repeatedRows(encoded.mask, times) });
    },
  };
}

/** Cross-entropy [N, U] of logits [N, U, V]. */
function eachLoss(logits: tf.Tensor3D, targets: tf.Tensor2D, smoothing: number): tf.Tensor2D {
  const flat = tf.reshape(logits, [targets.size, -1]) as tf.Tensor2D;
  return tf.reshape(softmaxCrossEntropy(flat, tf.reshape(targets, [-1]), smoothing), targets.shape);
}

/** Targets [N, U] as what is read, all but the last token of each, and what is to be written behind it, both
 *  [N, U - 1]. */
function shifted(targets: tf.Tensor2D): { inputs: TokenBatch; later: tf.Tensor2D } {
  const [rows, width] = targets.shape;
  const later = tf.slice(targets, [0, 1], [rows, width - 1]);
  const before = tf.slice(targets, [0, 0], [rows, width - 1]);
  const mask = tf.cast(tf.notEqual(later, ignoredLabel), 'float32') as tf.Tensor2D;
  return { inputs: { ids: tf.mul(before, tf.cast(mask, 'int32')) as tf.Tensor2D, mask }, later };
}
