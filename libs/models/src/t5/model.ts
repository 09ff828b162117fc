import * as tf from '@tensorflow/tfjs';
import { weightOf } from '../linear-map.js';
import { parameterCount, type EncoderDecoderModel, type ModelParts } from '../model.js';
import { T5Config } from './config.js';
import { t5Decode, t5Encode } from './forward.js';
import { generateFrom } from './generate.js';

/** A T5 over weights that are there already; the model owns them from now on. */
export function t5Model(parts: ModelParts): EncoderDecoderModel {
  const config = T5Config.parse(parts.config);
  const decoderStartId = config.decoder_start_token_id ?? config.pad_token_id;
  const model: EncoderDecoderModel = {
    ...parts,
    kind: 'encoder-decoder',
    dModel: config.d_model,
    vocabularySize: config.vocab_size,
    maxPositions: null,
    parameterCount: parameterCount(parts.weights),
    decoderStartId,
    endId: config.eos_token_id,
    inputEmbedding: (weights) => weightOf<tf.Tensor2D>(weights, 'shared.weight'),
    encode: (weights, batch, adaptation) => t5Encode(config, weights, batch, adaptation),
    decode: (weights, encoded, ids, adaptation) => t5Decode(config, weights, encoded, ids, adaptation),
    generate: (weights, batch, options, adaptation) => {
      const { states, mask } = tf.tidy(() => ({ ...t5Encode(config, weights, batch, adaptation) }));
      const ids = model.generateFrom(weights, { states, mask }, options, adaptation);
      tf.dispose(mask === batch.mask ? states : [states, mask]);
      return ids;
    },
    generateFrom: (weights, encoded, options, adaptation) =>
      generateFrom({ config, weights, adaptation }, encoded, { ...options, startId: decoderStartId, endId: config.eos_token_id }),
    dispose: () => tf.dispose(parts.weights),
  };
  return model;
}
