import * as tf from '@tensorflow/tfjs';
import type { Adaptation, Hidden } from '#models/adaptation.js';
import type { TokenBatch, Weights } from '#models/batch.js';
import type { EncoderDecoderModel, Model } from '#models/model.js';
import { lastPositions } from '#models/past.js';
import { lastState } from '#models/positions.js';
import { formOf, type Head } from './form.js';

/** What the head of a text reads, [N, D], or of tokens, [N * T, D]: the adaptation's `head` makes outputs of
 *  it. With a prompt in front of an encoder's text it is the state of the first virtual token, as in Hugging
 *  Face peft. */
export function headStates(
  model: Model,
  head: Head,
  { weights, adaptation, batch }: { weights: Weights; adaptation: Adaptation; batch: TokenBatch },
): tf.Tensor2D {
  const encoded = model.encode(weights, batch, adaptation);
  const text = () => lastPositions(encoded.states, batch.ids.shape[1]); // without virtual tokens
  switch (formOf(model, head).reads) {
    case 'tokens':
      return tf.reshape(text(), [-1, model.dModel]) as tf.Tensor2D;
    case 'first':
      return firstState(encoded);
    case 'last':
      return lastState(text(), batch.mask);
    case 'end':
      return endState(model as EncoderDecoderModel, encoded, { weights, adaptation, batch });
    case 'pooled':
      return (model as Exclude<Model, EncoderDecoderModel>).pool(encoded, batch);
  }
}

/** The state of each row's first position that counts. */
function firstState({ states, mask }: Hidden): tf.Tensor2D {
  const rank = tf.mul(mask, tf.cumsum(mask, 1));
  const chosen = tf.cast(tf.equal(rank, 1), 'float32');
  return tf.sum(tf.mul(states, tf.expandDims(chosen, 2)), 1) as tf.Tensor2D;
}

/** The decoder reads the text too, shifted right; its state at the text's last token, which is the end. */
function endState(
  model: EncoderDecoderModel,
  encoded: Hidden,
  { weights, adaptation, batch }: { weights: Weights; adaptation: Adaptation; batch: TokenBatch },
): tf.Tensor2D {
  const { ids, mask } = batch;
  const [rows, length] = ids.shape;
  const start = tf.fill([rows, 1], model.decoderStartId, 'int32');
  const shifted = tf.concat([start, tf.slice(ids, [0, 0], [rows, length - 1])], 1);
  const pads = tf.fill([rows, length], model.tokenizer.padId, 'int32');
  // a template's slots
  const readable = tf.where(tf.less(shifted, tf.scalar(0, 'int32')), pads, shifted) as tf.Tensor2D;
  return lastState(model.decoderStates(weights, encoded, readable, adaptation), mask);
}
