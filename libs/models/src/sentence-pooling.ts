/** How a sentence-transformers folder pools a text: modules.json lists what follows the transformer,
 *  1_Pooling/config.json says how. */
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { Hidden } from './adaptation.js';
import type { TokenBatch } from './batch.js';
import { lastPositions } from './past.js';
import { isThere, readJsonFile } from './weights/regular-file.js';

export type Pool = (encoded: Hidden, batch: TokenBatch) => tf.Tensor2D;

const largest = 1e6; // bytes
const poolingFolder = '1_Pooling';

/** What of the folder is read, for a copy that pools alike. */
export const sentenceFiles = [
  'modules.json',
  'sentence_bert_config.json',
  'config_sentence_transformers.json',
  `${poolingFolder}/config.json`,
];

/** The pooling that the folder asks for; a masked mean where it asks for none. Throws an Error that names the
 *  file and what of it is not implemented. */
export function sentencePool(folder: string): Pool {
  checkTexts(folder);
  const [pooling, normalize] = modulesOf(folder);
  const pool = pooling === undefined ? meanPool : poolOf(join(folder, pooling, 'config.json'));
  return normalize ? (encoded, batch) => unit(pool(encoded, batch)) : pool;
}

/** The folder of the pooling module, and whether its vector is normalised. */
function modulesOf(folder: string): [pooling: string | undefined, normalize: boolean] {
  const path = join(folder, 'modules.json');
  if (!isThere(path)) return [isThere(join(folder, poolingFolder)) ? poolingFolder : undefined, false];
  const modules = readJsonFile(path, largest);
  const wrong = (what: string): never => {
    throw new Error(`${path} ${what}; expected Transformer, Pooling and perhaps Normalize, in this order`);
  };
  if (!Array.isArray(modules)) return wrong('is no list');
  const kinds = modules.map((m) =>
    String((m as { type?: unknown } | null)?.type)
      .split('.')
      .at(-1)!,
  );
  const places = modules.map((m) => String((m as { path?: unknown } | null)?.path ?? ''));
  const [transformer, pooling, normalize, ...rest] = kinds;
  if (transformer !== 'Transformer') wrong(`begins with ${transformer ?? 'nothing'}`);
  if (places[0] !== '') wrong(`has its Transformer in "${places[0]}", and not in the folder itself`);
  const other = [
    pooling === undefined || pooling === 'Pooling' ? [] : pooling,
    normalize === undefined || normalize === 'Normalize' ? [] : normalize,
    rest,
  ].flat();
  if (other.length) wrong(`has ${other.join(', ')}`);
  if (pooling === undefined) return [undefined, false];
  if (places[1] !== poolingFolder) wrong(`has its Pooling in "${places[1]}", and not in ${poolingFolder}`);
  return [poolingFolder, normalize !== undefined];
}

const pools: Record<string, Pool> = { pooling_mode_mean_tokens: meanPool, pooling_mode_cls_token: firstPool };
const names: Record<string, string> = { mean: 'pooling_mode_mean_tokens', cls: 'pooling_mode_cls_token' };

function poolOf(path: string): Pool {
  const config = readJsonFile(path, largest) as Record<string, unknown> | null;
  const named = config?.['pooling_mode'];
  const modes =
    named === undefined
      ? Object.entries(config ?? {})
          .filter(([key, on]) => key.startsWith('pooling_mode_') && on === true)
          .map(([key]) => key)
      : [named].flat().map((mode) => names[String(mode)] ?? String(mode));
  const [mode] = modes;
  if (modes.length !== 1 || !Object.hasOwn(pools, mode!))
    throw new Error(
      `${path} pools by ${modes.join(' and ') || 'nothing'}; expected one of ${Object.keys(pools).join(', ')}`,
    );
  return pools[mode!]!;
}

/** Sentence encoders may change their texts: lower them, next to what tokenizer.json does, or put a prompt in
 *  front. */
function checkTexts(folder: string): void {
  const read = (name: string, field: string): unknown => {
    const path = join(folder, name);
    return isThere(path)
      ? (readJsonFile(path, largest) as Record<string, unknown> | null)?.[field]
      : undefined;
  };
  if (read('sentence_bert_config.json', 'do_lower_case') === true)
    throw new Error(
      `${folder}/sentence_bert_config.json: do_lower_case is true, which is not implemented; expected false`,
    );
  const prompt = read('config_sentence_transformers.json', 'default_prompt_name');
  if (prompt === undefined || prompt === null) return;
  const hint = 'expected null, and the prompt in the template of the task';
  throw new Error(
    `${folder}/config_sentence_transformers.json: default_prompt_name is ${JSON.stringify(prompt)}; ${hint}`,
  );
}

/** Mean of the final states over the text's tokens. */
function meanPool(encoded: Hidden, batch: TokenBatch): tf.Tensor2D {
  const text = lastPositions(encoded.states, batch.mask.shape[1]);
  const weights = tf.div(batch.mask, tf.sum(batch.mask, 1, true));
  return tf.sum(tf.mul(text, tf.expandDims(weights, 2)), 1) as tf.Tensor2D;
}

/** The final state of the text's first token, wherever padding stands. */
function firstPool({ states }: Hidden, { mask }: TokenBatch): tf.Tensor2D {
  const text = lastPositions(states, mask.shape[1]);
  const rank = tf.mul(mask, tf.cumsum(mask, 1));
  const chosen = tf.cast(tf.equal(rank, 1), 'float32');
  return tf.sum(tf.mul(text, tf.expandDims(chosen, 2)), 1) as tf.Tensor2D;
}

/** Rows of length 1; sentence-transformers' Normalize. */
function unit(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-24)));
}
