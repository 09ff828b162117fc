import type * as tf from '@tensorflow/tfjs';
import type { Adaptation } from '../adaptation.js';
import { encoderDecoderWriting } from '../encoder-decoder.js';
import { weightOf } from '../linear-map.js';
import type { TokenBatch, Weights } from '../batch.js';
import type { EncoderDecoderModel, EncoderModel } from '../model.js';
import { sentencePool } from '../sentence-pooling.js';
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
import { activationOf, isGated } from './feed-forward.js';
import { crossMemories, t5DecodeFrom, t5DecoderStates, t5Encode, t5Logits } from './t5.js';
import {
  decoderLayers,
  Mt5Config,
  scalesOutputs,
  T5Config,
  t5EncoderShapes,
  t5Others,
  t5Shapes,
} from './t5-config.js';
import { t5Modules } from './t5-modules.js';

/** T5, mT5 and what else has their architecture (flan-T5), or the encoder alone where the folder says that it
 *  is one. */
export function t5Model(stored: StoredModel): EncoderDecoderModel | EncoderModel {
  // behind a head
  const found = new Map([...stored.tensors].map(([name, t]) => [name.replace(/^transformer\./, ''), t]));
  const isMt5 = (stored.config as { model_type?: unknown }).model_type === 'mt5';
  const c = configOf(isMt5 ? Mt5Config : T5Config, t5Others, stored);
  checkDepth(stored, { num_layers: c.num_layers, num_decoder_layers: decoderLayers(c) });
  checkFeedForward(stored, c);
  withoutCopies(stored, found);
  leaveOut(stored, found, (name) => otherTasks.test(name));
  return isEncoder(stored)
    ? encoderModel(stored, c, found)
    : wholeModel(stored, settledHead(stored, c, found), found);
}

const otherTasks = /^(classification_head|classifier|qa_outputs)\./;

const shared = (w: Weights) => weightOf<tf.Tensor2D>(w, 'shared.weight');

function wholeModel(stored: StoredModel, c: T5Config, found: Map<string, StoredTensor>): EncoderDecoderModel {
  expectTensors(stored.folder, found, t5Shapes(c));
  const { decoder_start_token_id, eos_token_id } = c;
  checkTokenIds(stored, c.vocab_size, { decoder_start_token_id, eos_token_id });
  const encode = (w: Weights, batch: TokenBatch, adaptation?: Adaptation) =>
    t5Encode(c, w, batch, adaptation);
  return {
    kind: 'encoder-decoder',
    family: 't5',
    ...common(stored, found, c.vocab_size, (name) => /^(shared|encoder)\./.test(name)),
    modules: t5Modules(c),
    dModel: c.d_model,
    maxPositions: null,
    decoderStartId: c.decoder_start_token_id,
    endId: c.eos_token_id,
    inputEmbedding: shared,
    decode: (weights, encoded, ids, adaptation) =>
      t5Logits({ config: c, weights, adaptation }, t5DecoderStates(c, weights, encoded, ids, adaptation)),
    decoderStates: (w, encoded, ids, adaptation) => t5DecoderStates(c, w, encoded, ids, adaptation),
    encode,
    writing: encoderDecoderWriting({
      startId: c.decoder_start_token_id,
      endId: c.eos_token_id,
      positions: null,
      encode,
      crossMemories: (weights, encoded, adaptation) =>
        crossMemories({ config: c, weights, adaptation }, encoded),
      decodeFrom(weights, { cross, ids, past }, adaptation) {
        const context = { config: c, weights, adaptation };
        const decoded = t5DecodeFrom(context, cross, ids, past);
        return { logits: t5Logits(context, decoded.states), past: decoded.past };
      },
    }),
  };
}

/** T5EncoderModel, as sentence encoders are. */
function encoderModel(stored: StoredModel, c: T5Config, found: Map<string, StoredTensor>): EncoderModel {
  const pool = sentencePool(stored.folder);
  expectTensors(stored.folder, found, t5EncoderShapes(c));
  return {
    kind: 'encoder',
    family: 't5',
    ...common(stored, found, c.vocab_size),
    modules: t5Modules(c, 'encoder'),
    dModel: c.d_model,
    maxPositions: null,
    inputEmbedding: shared,
    encode: (w, batch, adaptation) => t5Encode(c, w, batch, adaptation),
    pool,
  };
}

/** Where config.json says so, and no decoder is there: else missing decoder tensors are an error. */
function isEncoder({ config, tensors }: StoredModel): boolean {
  const { architectures } = config as { architectures?: unknown };
  const said =
    Array.isArray(architectures) && architectures.some((a) => /^M?T5EncoderModel$/.test(String(a)));
  return said && ![...tensors.keys()].some((name) => /^decoder\.(block|final_layer_norm)\./.test(name));
}

/** transformers writes both beside feed_forward_proj, and a file in which they disagree has no meaning. */
function checkFeedForward(
  { path }: StoredModel,
  { feed_forward_proj: proj, dense_act_fn, is_gated_act }: T5Config,
): void {
  const [activation, gated] = [activationOf(proj), isGated(proj)];
  if (dense_act_fn !== undefined && dense_act_fn !== activation)
    throw new Error(
      `${path}: dense_act_fn is "${dense_act_fn}", and feed_forward_proj "${proj}" means "${activation}"`,
    );
  if (is_gated_act !== undefined && is_gated_act !== gated)
    throw new Error(
      `${path}: is_gated_act is ${is_gated_act}, and feed_forward_proj "${proj}" means ${gated}`,
    );
}

const copiesOfShared = ['encoder.embed_tokens.weight', 'decoder.embed_tokens.weight'];
// in the first published checkpoints
const neverUsed = 'decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight';

/** Takes out what checkpoints hold twice. Throws where a copy is none. */
function withoutCopies(stored: StoredModel, found: Map<string, StoredTensor>): void {
  const copy = copiesOfShared.map((name) => found.get(name)).find((tensor) => tensor !== undefined);
  if (copy && !found.has('shared.weight')) found.set('shared.weight', copy);
  for (const head of copiesOfShared) withoutTiedHead(stored, found, { head, tied: 'shared.weight' });
  found.delete(neverUsed);
}

/** Settles whether the head is tied: transformers 5 says "tied" of every T5, and means it only where the
 *  checkpoint has no head of its own or scales as v1.0 does. mT5 always has a head of its own. */
function settledHead(stored: StoredModel, c: T5Config, found: Map<string, StoredTensor>): T5Config {
  if (c.model_type === 'mt5') return { ...c, tie_word_embeddings: false, scale_decoder_outputs: false };
  const scales = scalesOutputs(c);
  const tied = c.tie_word_embeddings && (scales || !found.has('lm_head.weight'));
  if (tied) withoutTiedHead(stored, found, { head: 'lm_head.weight', tied: 'shared.weight' });
  return { ...c, tie_word_embeddings: tied, scale_decoder_outputs: scales };
}
