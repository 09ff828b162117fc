import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HostRandom } from '#engine/host-random.js';
import { BertConfig, bertShapes } from '#models/bert/bert-config.js';
import { saveModel } from '#models/save-model.js';
import { initT5 } from '#models/t5/init.js';
import { T5Config } from '#models/t5/t5-config.js';
import type { StoredTensor } from '#models/weights/safetensors.js';
import type { TransformerShape } from './shapes.js';

/** A folder below `home` with a random backbone of that shape, written on first use, so that the bench loads
 *  it as users load theirs. */
export function benchBackbone(home: string, c: TransformerShape): string {
  const name = `${c.family}-d${c.dModel}-l${c.layers}-v${c.vocabulary}`;
  return keptBackbone(home, name, () => (c.family === 't5' ? t5(c) : bert(c)));
}

export interface Backbone {
  config: object; // config.json
  weights: Map<string, StoredTensor>;
}

/** The folder of the backbone called `name`, which `make` is asked for where there is none yet; its tokenizer
 *  knows a few letters. */
export function keptBackbone(home: string, name: string, make: () => Backbone): string {
  const folder = join(home, 'bench-backbones', name);
  if (existsSync(folder)) return folder;
  const tokenizerFolder = `${folder}.tokenizer.${process.pid}`;
  mkdirSync(tokenizerFolder, { recursive: true });
  try {
    writeFileSync(join(tokenizerFolder, 'tokenizer.json'), JSON.stringify(wordTokenizer));
    saveModel(folder, { ...make(), tokenizerFolder, dtype: 'F32' });
  } finally {
    rmSync(tokenizerFolder, { recursive: true });
  }
  return folder;
}

function t5(c: TransformerShape): Backbone {
  const config = T5Config.parse({
    model_type: 't5',
    vocab_size: c.vocabulary,
    d_model: c.dModel,
    d_kv: c.dKv,
    d_ff: c.dFf,
    num_layers: c.layers,
    num_heads: c.heads,
    feed_forward_proj: 'gated-gelu',
    tie_word_embeddings: false,
  });
  return { config, weights: initT5(config, 7) };
}

function bert(c: TransformerShape): Backbone {
  const config = BertConfig.parse({
    model_type: 'bert',
    vocab_size: c.vocabulary,
    hidden_size: c.dModel,
    num_hidden_layers: c.layers,
    num_attention_heads: c.heads,
    intermediate_size: c.dFf,
    max_position_embeddings: 512,
  });
  return {
    config,
    weights: new Map(
      Object.entries(bertShapes(config)).map(([name, shape]) => [name, randomTensor(name, shape)]),
    ),
  };
}

/** Uniform values of BERT's standard deviation, 0.02; what scales in a norm is 1. */
export function randomTensor(name: string, shape: number[]): StoredTensor {
  const random = new HostRandom(7, name);
  const norm = /(layer_?norm(_embedding)?|\bln_\w+|\.norm)\.weight$/i.test(name);
  const size = shape.reduce((a, b) => a * b, 1);
  return {
    shape,
    values: Float32Array.from({ length: size }, () => (norm ? 1 : (random.uniform() - 0.5) * 0.0693)),
  };
}

const words = ['<pad>', '</s>', '<unk>', ...'abcdefgh'];

/** One token a letter. */
const wordTokenizer = {
  version: '1.0',
  added_tokens: words.slice(0, 3).map((content, id) => ({ id, content, special: true })),
  normalizer: null,
  pre_tokenizer: { type: 'Whitespace' },
  post_processor: null,
  decoder: null,
  model: { type: 'WordLevel', unk_token: '<unk>', vocab: Object.fromEntries(words.map((w, i) => [w, i])) },
};
