import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import type { Adaptation } from '#models/adaptation.js';
import type { Weights } from '#models/batch.js';
import type { EncoderModel } from '#models/model.js';
import { lastPositions } from '#models/past.js';
import type { Tensors } from '#engine/step/step.js';
import { amongOwn, type Answering, tokensOf } from './answering.js';

/** A masked language model says which label word stands at the text's mask: logits of the words, each one token, as in PET (Schick & Schütze
 *  2021) and P-tuning. Whoever makes the text sees to it that there is one mask and that a word is one token. */
export function byMask(
  model: EncoderModel,
  labelWords: readonly string[],
  maskId: number,
): Omit<Answering, 'key' | 'classes' | 'said'> {
  const scores = (weights: Weights, adaptation: Adaptation, batch: Tensors, constants: Tensors): tf.Tensor2D => {
    const { ids, mask } = tokensOf(batch);
    const encoded = model.encode(weights, { ids, mask }, adaptation);
    const place = tf.cast(tf.equal(ids, tf.scalar(maskId, 'int32')), 'float32'); // [N, T]
    const states = tf.matMul(tf.expandDims(place, 1), lastPositions(encoded.states, ids.shape[1])) as tf.Tensor3D; // [N, 1, D]
    const one = { ids: tf.slice(ids, [0, 0], [-1, 1]), mask: tf.slice(mask, [0, 0], [-1, 1]) };
    const logits = tf.squeeze(model.maskLogits!(weights, { states, mask: one.mask }, one, adaptation), [1]) as tf.Tensor2D;
    return amongOwn(tf.matMul(logits, constants['labelTokens'] as tf.Tensor2D, false, true), batch);
  };
  const ids = labelWords.map((word) => model.tokenizer.encodePlain(word)[0]!);
  return {
    fanOut: 1,
    positionsBehind: 0,
    constants: () => ({ labelTokens: tf.tidy(() => tf.cast(tf.oneHot(ids, model.vocabularySize), 'float32')) }), // [C, V]
    scores,
    losses: (weights, adaptation, batch, constants) =>
      softmaxCrossEntropy(scores(weights, adaptation, batch, constants), batch['labels'] as tf.Tensor1D),
  };
}
