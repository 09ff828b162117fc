import type * as tf from '@tensorflow/tfjs';
import { generating } from '../encoder-decoder.js';
import type { EncoderDecoderModel } from '../model.js';
import { common, configOf, type StoredModel } from '../stored-model.js';
import { expectTensors } from '../weights/expect.js';
import type { StoredTensor } from '../weights/safetensors.js';
import { t5Generate } from './generate.js';
import { t5Decode, t5Encode } from './t5.js';
import { scalesOutputs, T5Config, t5Shapes } from './t5-config.js';
import { t5Modules } from './t5-modules.js';

export function t5Model(stored: StoredModel): EncoderDecoderModel {
  const found = stored.tensors;
  const c = withoutCopies(configOf(T5Config, stored), found);
  expectTensors(stored.folder, found, t5Shapes(c));
  return {
    kind: 'encoder-decoder',
    family: 't5',
    ...common(stored, found, c.vocab_size, (name) => /^(shared|encoder)\./.test(name)),
    modules: t5Modules(c),
    dModel: c.d_model,
    maxPositions: null,
    decoderStartId: c.decoder_start_token_id,
    endId: c.eos_token_id,
    inputEmbedding: (w) => w['shared.weight'] as tf.Tensor2D,
    decode: (w, encoded, ids, adaptation) => t5Decode(c, w, encoded, ids, adaptation),
    ...generating({
      encode: (w, batch, adaptation) => t5Encode(c, w, batch, adaptation),
      generateFrom: (w, encoded, options, adaptation) => t5Generate(c, w, encoded, options, adaptation),
    }),
  };
}

const copiesOfShared = ['encoder.embed_tokens.weight', 'decoder.embed_tokens.weight'];
const neverUsed = 'decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight'; // in the first published checkpoints

/** Takes out what checkpoints hold twice, and settles whether the head is tied: transformers 5 says "tied" of every T5, and means it
 *  only where the checkpoint has no head of its own or scales as v1.0 does. */
function withoutCopies(c: T5Config, found: Map<string, StoredTensor>): T5Config {
  const copy = copiesOfShared.map((name) => found.get(name)).find((tensor) => tensor !== undefined);
  if (copy && !found.has('shared.weight')) found.set('shared.weight', copy);
  for (const name of [...copiesOfShared, neverUsed]) found.delete(name);
  const scales = scalesOutputs(c);
  const tied = c.tie_word_embeddings && (scales || !found.has('lm_head.weight'));
  if (tied) found.delete('lm_head.weight');
  return { ...c, tie_word_embeddings: tied, scale_decoder_outputs: scales };
}
