import * as tf from '@tensorflow/tfjs';
import { ignoredLabel } from '../rows/row.js';
import type { Tensors } from '#engine/step/step.js';
import type { DecoderModel, EncoderDecoderModel } from '#models/model.js';
import type { Denoising } from './span-corruption.js';

/** A model that writes text. */
export type WritingModel = EncoderDecoderModel | DecoderModel;

/** Examples as tensors, right-padded to the lengths given: ids and mask [N, T], labels [N * U], -100 where a
 *  row has ended, and of an encoder-decoder decoderIds [N, U] (targets shifted right). The caller owns them.
 */
export function textBatch(
  rows: readonly Denoising[],
  { inputLength, targetLength }: { inputLength: number; targetLength: number },
  model: WritingModel,
): Tensors {
  const [n, t, u] = [rows.length, inputLength, targetLength];
  const ids = new Int32Array(n * t).fill(model.tokenizer.padId);
  const mask = new Float32Array(n * t);
  const decoderIds = new Int32Array(n * u).fill(model.tokenizer.padId);
  const labels = new Int32Array(n * u).fill(ignoredLabel);
  rows.forEach(({ inputs, targets }, r) => {
    ids.set(inputs, r * t);
    mask.fill(1, r * t, r * t + inputs.length);
    if (model.kind === 'encoder-decoder')
      decoderIds.set([model.decoderStartId, ...targets.slice(0, -1)], r * u);
    labels.set(targets, r * u);
  });
  return {
    ids: tf.tensor2d(ids, [n, t], 'int32'),
    mask: tf.tensor2d(mask, [n, t]),
    ...(model.kind === 'encoder-decoder' && { decoderIds: tf.tensor2d(decoderIds, [n, u], 'int32') }),
    labels: tf.tensor1d(labels, 'int32'),
  };
}
