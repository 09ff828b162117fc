import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { z } from 'zod';
import type { Hidden } from './adaptation.js';
import { BertConfig, bertShapes } from './bert/bert-config.js';
import { bertModules } from './bert/bert-modules.js';
import { bertEncode } from './bert/bert.js';
import type { EncoderDecoderModel, EncoderModel, Model, TokenBatch } from './model.js';
import { t5Generate } from './t5/generate.js';
import { toDevice } from './t5/init.js';
import { t5Decode, t5Encode } from './t5/t5.js';
import { t5Modules } from './t5/t5-modules.js';
import { scalesOutputs, T5Config, t5Shapes } from './t5/t5-config.js';
import { loadTokenizer } from './tokenizer-json.js';
import { expectTensors } from './weights/expect.js';
import { loadWeights } from './weights/load-weights.js';
import type { StoredTensor } from './weights/safetensors.js';

/** Loads a Hugging Face folder (config.json, safetensors, tokenizer.json) onto the device. Throws an Error that names the folder and
 *  what of it is wrong. */
export async function loadModel(folder: string): Promise<Model> {
  const path = join(folder, 'config.json');
  if (!existsSync(path)) throw new Error(`${folder} has no config.json`);
  const text = readFileSync(path, 'utf8');
  const config = parsedJson(text, path);
  const stored = loadWeights(folder);
  if (config.model_type === 'bert') return bertModel(folder, parsed(BertConfig, config, path), stored, text);
  if (config.model_type === 't5') return t5Model(folder, parsed(T5Config, config, path), stored, text);
  throw new Error(`${path} is of model_type "${config.model_type}"; known are bert and t5`);
}

function parsedJson(text: string, path: string): { model_type?: string } {
  try {
    return JSON.parse(text) as { model_type?: string };
  } catch (cause) {
    throw new Error(`${path} is no JSON`, { cause });
  }
}

function parsed<S extends z.ZodType>(schema: S, config: unknown, path: string): z.infer<S> {
  const result = schema.safeParse(config);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const where = issue.path.length ? ` ${issue.path.join('.')}:` : '';
  throw new Error(`${path}:${where} ${issue.message}`);
}

function common(folder: string, stored: ReadonlyMap<string, StoredTensor>, configText: string, embeddings: number) {
  const tokenizer = loadTokenizer(folder);
  if (tokenizer.size > embeddings) {
    throw new Error(`${folder}: the tokenizer has ids up to ${tokenizer.size - 1}, and the model has ${embeddings} embeddings`);
  }
  const weights = toDevice(stored);
  return {
    config: configText,
    folder,
    weights,
    hash: contentHash(stored, configText),
    tokenizer,
    parameterCount: [...stored.values()].reduce((n, t) => n + t.values.length, 0),
    dispose: () => tf.dispose(weights),
  };
}

/** Of the weights as float32 and the config: the same for a sharded and a whole file. */
function contentHash(stored: ReadonlyMap<string, StoredTensor>, configText: string): string {
  const hash = createHash('sha256').update(configText);
  for (const name of [...stored.keys()].toSorted()) {
    const { values } = stored.get(name)!;
    hash.update(name).update(new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}

function bertModel(folder: string, c: BertConfig, found: Map<string, StoredTensor>, text: string): EncoderModel {
  const bare = new Map([...found].map(([name, t]) => [bertName(name), t]));
  const extra = (name: string) => /^(pooler|cls|classifier|qa_outputs)\.|^embeddings\.position_ids$/.test(name); // of other heads
  expectTensors(folder, bare, bertShapes(c), extra);
  for (const name of bare.keys()) if (extra(name)) bare.delete(name);
  return {
    kind: 'encoder',
    ...common(folder, bare, text, c.vocab_size),
    modules: bertModules(c),
    dModel: c.hidden_size,
    vocabularySize: c.vocab_size,
    maxPositions: c.max_position_embeddings,
    inputEmbedding: (w) => w['embeddings.word_embeddings.weight'] as tf.Tensor2D,
    encode: (w, batch, adaptation) => bertEncode(c, w, batch, adaptation),
    pool: meanPool,
  };
}

/** Heads of other tasks carry the encoder behind "bert."; the first checkpoints call a LayerNorm's weights gamma and beta. */
function bertName(name: string): string {
  const bare = name.replace(/^bert\./, '');
  return bare.replace(/LayerNorm\.gamma$/, 'LayerNorm.weight').replace(/LayerNorm\.beta$/, 'LayerNorm.bias');
}

/** Mean of the final states over the text's tokens; virtual tokens stand in front and are left out. */
function meanPool(encoded: Hidden, batch: TokenBatch): tf.Tensor2D {
  const virtual = encoded.states.shape[1] - batch.mask.shape[1]!;
  const text = tf.slice(encoded.states, [0, virtual, 0], [-1, -1, -1]);
  const weights = tf.div(batch.mask, tf.sum(batch.mask, 1, true));
  return tf.sum(tf.mul(text, tf.expandDims(weights, 2)), 1) as tf.Tensor2D;
}

function t5Model(folder: string, parsed: T5Config, found: Map<string, StoredTensor>, text: string): EncoderDecoderModel {
  const c = withoutCopies(parsed, found);
  expectTensors(folder, found, t5Shapes(c));
  const model: EncoderDecoderModel = {
    kind: 'encoder-decoder',
    ...common(folder, found, text, c.vocab_size),
    modules: t5Modules(c),
    dModel: c.d_model,
    vocabularySize: c.vocab_size,
    maxPositions: null,
    decoderStartId: c.decoder_start_token_id,
    endId: c.eos_token_id,
    inputEmbedding: (w) => w['shared.weight'] as tf.Tensor2D,
    encode: (w, batch, adaptation) => t5Encode(c, w, batch, adaptation),
    decode: (w, encoded, ids, adaptation) => t5Decode(c, w, encoded, ids, adaptation),
    generate: (w, batch, options, adaptation) => {
      const encoded = tf.tidy(() => t5Encode(c, w, batch, adaptation) as never) as unknown as Hidden;
      const ids = model.generateFrom(w, encoded, options, adaptation);
      encoded.states.dispose();
      if (encoded.mask !== batch.mask) encoded.mask.dispose();
      return ids;
    },
    generateFrom: (w, encoded, options, adaptation) => t5Generate(c, w, encoded, options, adaptation),
  };
  return model;
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
