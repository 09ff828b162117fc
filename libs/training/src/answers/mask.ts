import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '#engine/ops/softmax-cross-entropy.js';
import type { EncoderModel } from '#models/model.js';
import { lastPositions } from '#models/past.js';
import { amongOwn, type Pass, tokensOf } from './answering.js';
import type { ClassScores } from './class-scores.js';

/** A masked language model says which label word stands at the text's mask: logits of the words, each one
 *  token, as in PET (Schick & Schütze 2021) and P-tuning. Whoever makes the text sees to it that there is one
 *  mask and that a word is one token. */
export function byMask(
  model: EncoderModel,
  labelWords: readonly string[],
  maskId: number,
  smoothing: number,
): ClassScores {
  const outputs: ClassScores['outputs'] = (pass) => {
    const logits = atMask(model, pass, maskId);
    return amongOwn(tf.matMul(logits, pass.constants['labelTokens'] as tf.Tensor2D, false, true), pass.batch);
  };
  const ids = labelWords.map((word) => model.tokenizer.encodePlain(word)[0]!);
  return {
    key: { maskId },
    fanOut: 1,
    positionsBehind: 0,
    // [C, V]
    constants: () => ({
      labelTokens: tf.tidy(() => tf.cast(tf.oneHot(ids, model.vocabularySize), 'float32')),
    }),
    outputs,
    losses: (pass) => softmaxCrossEntropy(outputs(pass), pass.batch['labels'] as tf.Tensor1D, smoothing),
  };
}

/** The masked language model's logits [N, V] at each text's one mask. */
export function atMask(
  model: EncoderModel,
  { weights, adaptation, batch }: Pass,
  maskId: number,
): tf.Tensor2D {
  const { ids, mask, types } = tokensOf(batch);
  const encoded = model.encode(weights, { ids, mask, ...(types && { types }) }, adaptation);
  const place = tf.cast(tf.equal(ids, tf.scalar(maskId, 'int32')), 'float32'); // [N, T]
  // [N, 1, D]
  const states = tf.matMul(
    tf.expandDims(place, 1),
    lastPositions(encoded.states, ids.shape[1]),
  ) as tf.Tensor3D;
  const one = { ids: tf.slice(ids, [0, 0], [-1, 1]), mask: tf.slice(mask, [0, 0], [-1, 1]) };
  return tf.squeeze(model.maskLogits!(weights, { states, mask: one.mask }, one, adaptation), [1]);
}
