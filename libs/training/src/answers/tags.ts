import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import type { Tensors } from '#engine/step/step.js';
import type { Adaptation } from '#models/adaptation.js';
import type { Weights } from '#models/batch.js';
import type { EncoderModel } from '#models/model.js';
import { lastPositions } from '#models/past.js';
import { amongOwn, type Answering, likeliest, tokensOf } from './answering.js';

/** An encoder says a tag for every token by the adaptation's head on its final states. Batches hold `labels` int32 [N, T], ignored ones among them, and
 *  `shares` [N], by which rows' sums become the mean over the tokens that count. */
export function byTags(model: EncoderModel): Omit<Answering, 'key' | 'classes' | 'said'> {
  /** [N * T, C]. */
  const scores = (weights: Weights, adaptation: Adaptation, batch: Tensors): tf.Tensor2D => {
    const tokens = tokensOf(batch);
    const text = lastPositions(model.encode(weights, tokens, adaptation).states, tokens.ids.shape[1]); // virtual tokens have no tags
    return amongOwn(adaptation.head!(tf.reshape(text, [-1, model.dModel])), batch);
  };
  return {
    fanOut: 1,
    positionsBehind: 0,
    constants: () => ({}),
    scores,
    losses(weights, adaptation, batch) {
      const labels = batch['labels'] as tf.Tensor2D;
      const each = softmaxCrossEntropy(scores(weights, adaptation, batch), tf.reshape(labels, [-1]));
      return tf.mul(tf.sum(tf.reshape(each, labels.shape), 1), batch['shares']!);
    },
  };
}

/** A tag a word: the likeliest at its first piece; null where that was cut off. */
export const tagsSaid: Answering['said'] = (outputs, row, example) => {
  if ('texts' in outputs) throw new Error('words are tagged by scores, and a text was written');
  const { scores, classes, rows } = outputs;
  const width = scores.length / rows; // scores of a row's tokens
  const at = (place: number) => row * width + place * classes;
  const tags = Array.from(example.tags!.places, (place) =>
    place < 0 ? null : likeliest(scores.subarray(at(place), at(place) + classes)),
  );
  return { tags };
};
