/** How encoder-decoders write: the cross attentions' keys and values are computed once, from what the encoder
 *  has read. */
import * as tf from '@tensorflow/tfjs';
import type { Adaptation, Hidden } from './adaptation.js';
import { behindText, type Writing } from './generate/writing.js';
import type { Memory } from './heads.js';
import type { TokenBatch, Weights } from './batch.js';
import type { Past } from './past.js';

/** What a family brings. */
export interface DecodingFamily extends Pick<Writing, 'forcedFirst' | 'forcedLast' | 'positions'> {
  startId: number;
  endId: number;
  encode(weights: Weights, batch: TokenBatch, adaptation?: Adaptation): Hidden;
  /** Of the encoded text, for every decoder layer. */
  crossMemories(weights: Weights, encoded: Hidden, adaptation?: Adaptation): Memory[];
  /** Logits [N, U, V] of ids [N, U] that begin a text, or take the slots of `past`; and what has been seen
   *  then. */
  decodeFrom(weights: Weights, of: Decoded, adaptation?: Adaptation): { logits: tf.Tensor3D; past: Past };
}

export interface Decoded {
  cross: readonly Memory[];
  ids: tf.Tensor2D;
  past?: Past;
}

export function encoderDecoderWriting(family: DecodingFamily): Writing {
  const { startId, endId, forcedFirst, forcedLast, positions } = family;
  return {
    endIds: [endId],
    startId,
    forcedFirst,
    forcedLast,
    positions,
    begin(w, batch, adaptation) {
      const encoded = family.encode(w, batch, adaptation);
      const cross = family.crossMemories(w, encoded, adaptation);
      const [n] = batch.ids.shape;
      const { logits, past } = family.decodeFrom(
        w,
        { cross, ids: tf.fill([n, 1], startId, 'int32') as tf.Tensor2D },
        adaptation,
      );
      const mask = past.mask ? tf.clone(past.mask) : (tf.ones([n, past.length]) as tf.Tensor2D);
      return {
        logits: tf.squeeze(logits, [1]) as tf.Tensor2D,
        cache: { layers: past.layers, mask, cross: { layers: cross, mask: tf.clone(encoded.mask) } },
      };
    },
    next(w, ids, { cache: { layers, mask, cross }, slots }, adaptation) {
      const past = { layers, mask, length: mask.shape[1], slots };
      const memories = cross!.layers.map((layer) => ({ ...layer, mask: cross!.mask }));
      const decoded = family.decodeFrom(w, { cross: memories, ids, past }, behindText(adaptation));
      return { logits: decoded.logits, layers: decoded.past.layers };
    },
  };
}
