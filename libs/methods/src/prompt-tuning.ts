import * as tf from '@tensorflow/tfjs';
import type { PromptTuning } from '#contracts/method.js';
import { promptBucket } from '#engine/buckets.js';
import { HostRandom } from '#engine/host-random.js';
import type { Hidden } from '#models/adaptation.js';
import type { Model } from '#models/model.js';
import { readRows } from './embedding-rows.js';
import type { LabelSpace, MethodImplementation } from './method.js';

// Lester et al. 2021 §3.2 sample from the 5,000 most common SentencePiece tokens; vocabularies are ordered by likelihood.
const commonTokens = 5000;

/** Soft prompt of P virtual tokens in front of the (encoder) input; only it is trained (Lester et al. 2021 §2). Parameters: P x dModel.
 *  Random initialisation is the paper's U[-0.5, 0.5]; the released code draws from [0, 0.5). */
export const promptTuning: MethodImplementation<PromptTuning> = {
  gangs: true,

  check(config, model) {
    const { maxPositions } = model;
    if (maxPositions !== null && config.length >= maxPositions) {
      throw new Error(
        `method.length is ${config.length}, and the model has ${maxPositions} positions for prompt and text together`,
      );
    }
  },

  init(config, model, labels, seed) {
    const random = new HostRandom(seed, 'prompt');
    return { prompt: tf.tensor2d(initialRows(config, model, labels, random), [config.length, model.dModel]) };
  },

  // Padded in front: the prompt stays next to the text, as T5's relative positions need.
  stack(configs, members) {
    const longest = promptBucket(Math.max(...configs.map((c) => c.length)));
    const padded = members.map(({ prompt }, i) => tf.pad(prompt!, [[longest - configs[i]!.length, 0], [0, 0]])); // prettier-ignore
    const mask = configs.map((c) => Float32Array.from({ length: longest }, (_, i) => (i < longest - c.length ? 0 : 1)));
    const stacked = {
      parameters: { prompt: tf.stack(padded) },
      constants: { promptMask: tf.tidy(() => tf.stack(mask.map((m) => tf.tensor1d(m)))) },
    };
    tf.dispose(padded);
    return stacked;
  },

  unstack(config, { prompt }, member) {
    return {
      prompt: tf.tidy(() =>
        tf.squeeze(tf.slice(prompt!, [member, prompt!.shape[1]! - config.length, 0], [1, config.length, -1]), [0]),
      ),
    };
  },

  adapt: ({ parameters: { prompt }, constants: { promptMask } }) => ({
    embeddings: (x, stack) => (stack === 'encoder' ? prepended(prompt as tf.Tensor3D, promptMask as tf.Tensor2D, x) : x),
  }),

  weights: (frozen) => frozen,

  peft: {
    config: ({ length }, model) => ({
      peft_type: 'PROMPT_TUNING',
      num_virtual_tokens: length,
      token_dim: model.dModel,
      num_transformer_submodules: 1,
      prompt_tuning_init: 'RANDOM', // the values are in the file; how they began is in the trial's config
      prompt_tuning_init_text: null,
      tokenizer_kwargs: null,
      tokenizer_name_or_path: null,
    }),
    tensors: ({ prompt }) => ({ prompt_embeddings: prompt! }),
    parameters: ({ prompt_embeddings: prompt }) => {
      if (prompt?.rank !== 2) throw new Error('the adapter has no matrix prompt_embeddings');
      return { config: { name: 'prompt-tuning', length: prompt.shape[0]!, init: 'random' }, parameters: { prompt } };
    },
  },

  count: (config, model) => config.length * model.dModel,
};

/** prompt [G, P, D] in front of states [G * B, T, D]: every row of a member gets its member's prompt. */
function prepended(prompt: tf.Tensor3D, promptMask: tf.Tensor2D, { states, mask }: Hidden): Hidden {
  const [members, length, width] = prompt.shape;
  const rows = states.shape[0];
  const batch = rows / members;
  const each = tf.reshape(tf.tile(tf.expandDims(prompt, 1), [1, batch, 1, 1]), [rows, length, width]) as tf.Tensor3D;
  const eachMask = tf.reshape(tf.tile(tf.expandDims(promptMask, 1), [1, batch, 1]), [rows, length]) as tf.Tensor2D;
  return { states: tf.concat([each, states], 1), mask: tf.concat([eachMask, mask], 1) };
}

function initialRows(config: PromptTuning, model: Model, labels: LabelSpace, random: HostRandom): Float32Array {
  const width = model.dModel;
  const values = new Float32Array(config.length * width);
  if (config.init === 'random') return values.map(() => random.uniform() - 0.5);
  const rows = config.init === 'class-labels' ? labelRows(model, labels).slice(0, config.length) : [];
  rows.forEach((row, i) => values.set(row, i * width));
  const rest = config.length - rows.length;
  if (rest > 0) values.set(readRows(model, sampledTokens(model, rest, random)), rows.length * width);
  return values;
}

/** Row i is the mean of label i's sub-word embeddings (Lester et al. 2021 §3.2); labels beyond the prompt's length are left out. */
function labelRows(model: Model, labels: LabelSpace): Float32Array[] {
  return labels.words.map((word) => {
    const ids = model.tokenizer.encodePlain(word);
    const rows = readRows(model, ids);
    return Float32Array.from(
      { length: model.dModel },
      (_, d) => ids.reduce((sum, _id, i) => sum + rows[i * model.dModel + d]!, 0) / ids.length,
    );
  });
}

/** Without replacement while that is possible, as the released code does. */
function sampledTokens(model: Model, count: number, random: HostRandom): number[] {
  const population = Math.min(commonTokens, model.vocabularySize);
  if (count <= population) return random.choice(population, count);
  return Array.from({ length: count }, () => random.below(population));
}
