import * as tf from '@tensorflow/tfjs';
import type { Hidden } from './adaptation.js';
import type { EncoderDecoderModel } from './model.js';

type Parts = Pick<EncoderDecoderModel, 'encode' | 'generateFrom'>;

/** Both ways to write: `generate` reads a batch first, and frees what it read. */
export function generating({ encode, generateFrom }: Parts): Parts & Pick<EncoderDecoderModel, 'generate'> {
  return {
    encode,
    generateFrom,
    generate(w, batch, options, adaptation) {
      const encoded = tf.tidy(() => encode(w, batch, adaptation) as never) as unknown as Hidden;
      const ids = generateFrom(w, encoded, options, adaptation);
      encoded.states.dispose();
      if (encoded.mask !== batch.mask) encoded.mask.dispose();
      return ids;
    },
  };
}
