import type * as tf from '@tensorflow/tfjs';
import type { Adaptation } from '../adaptation.js';
import { weightOf } from '../linear-map.js';
import { encoderDecoderWriting } from '../encoder-decoder.js';
import type { TokenBatch, Weights } from '../batch.js';
import type { EncoderDecoderModel } from '../model.js';
import {
  checkDepth,
  checkTokenIds,
  common,
  configOf,
  leaveOut,
  type StoredModel,
  withoutTiedHead,
} from '../stored-model.js';
import { expectTensors } from '../weights/expect.js';
import type { StoredTensor } from '../weights/safetensors.js';
import { bartDecodeFrom, bartDecoderStates, bartEncode, bartLogits, crossMemories } from './bart.js';
import { BartConfig, bartOthers, bartShapes, forcedFirst } from './bart-config.js';
import { bartModules } from './bart-modules.js';

const shared = 'model.shared.weight';
const copies = ['lm_head.weight', 'model.encoder.embed_tokens.weight', 'model.decoder.embed_tokens.weight'];

export function bartModel(stored: StoredModel): EncoderDecoderModel {
  const c = configOf(BartConfig, bartOthers, stored);
  checkDepth(stored, { encoder_layers: c.encoder_layers, decoder_layers: c.decoder_layers });
  const tensors = new Map([...stored.tensors].map(([name, t]) => [withPrefix(name), t]));
  leaveOut(stored, tensors, (name) => otherTasks.test(name));
  complete(stored, tensors);
  expectTensors(stored.folder, tensors, bartShapes(c));
  const { decoder_start_token_id, eos_token_id, forced_bos_token_id, forced_eos_token_id } = c;
  checkTokenIds(stored, c.vocab_size, {
    decoder_start_token_id,
    eos_token_id,
    forced_bos_token_id,
    forced_eos_token_id,
  });
  const encode = (w: Weights, batch: TokenBatch, adaptation?: Adaptation) =>
    bartEncode(c, w, batch, adaptation);
  return {
    kind: 'encoder-decoder',
    family: 'bart',
    ...common(stored, tensors, c.vocab_size, (name) => /^model\.(shared|encoder)\./.test(name)),
    modules: bartModules(c),
    dModel: c.d_model,
    maxPositions: c.max_position_embeddings,
    decoderStartId: c.decoder_start_token_id,
    endId: c.eos_token_id,
    inputEmbedding: (w) => weightOf<tf.Tensor2D>(w, shared),
    decode: (weights, encoded, ids, adaptation) =>
      bartLogits({ config: c, weights, adaptation }, bartDecoderStates(c, weights, encoded, ids, adaptation)),
    decoderStates: (w, encoded, ids, adaptation) => bartDecoderStates(c, w, encoded, ids, adaptation),
    encode,
    writing: encoderDecoderWriting({
      startId: c.decoder_start_token_id,
      endId: c.eos_token_id,
      forcedFirst: forcedFirst(c),
      forcedLast: c.forced_eos_token_id ?? undefined,
      positions: c.max_position_embeddings,
      encode,
      crossMemories: (weights, encoded, adaptation) =>
        crossMemories({ config: c, weights, adaptation }, encoded),
      decodeFrom(weights, { cross, ids, past }, adaptation) {
        const context = { config: c, weights, adaptation };
        const decoded = bartDecodeFrom(context, cross, ids, past);
        return { logits: bartLogits(context, decoded.states), past: decoded.past };
      },
    }),
  };
}

const otherTasks = /^(classification_head|qa_outputs)\.|^model\.(encoder|decoder)\.version$/;

/** The bare BartModel lacks "model.". */
const withPrefix = (name: string): string =>
  /^(shared|encoder|decoder)\./.test(name) ? `model.${name}` : name;

/** Takes out what checkpoints hold twice, and adds a bias of 0 where there is none. */
function complete(stored: StoredModel, tensors: Map<string, StoredTensor>): void {
  const copy = copies.map((name) => tensors.get(name)).find((t) => t !== undefined);
  if (copy && !tensors.has(shared)) tensors.set(shared, copy);
  for (const head of copies) withoutTiedHead(stored, tensors, { head, tied: shared });
  const size = tensors.get(shared)?.shape[0]; // what config.json says of it is checked later
  if (!tensors.has('final_logits_bias') && size !== undefined)
    tensors.set('final_logits_bias', { shape: [1, size], values: new Float32Array(size) });
}
