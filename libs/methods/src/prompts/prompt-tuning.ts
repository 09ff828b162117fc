import * as tf from '@tensorflow/tfjs';
import type { PromptTuning } from '#contracts/methods/prompt-tuning.js';
import { promptBucket } from '#engine/step/buckets.js';
import { HostRandom } from '#engine/host-random.js';
import type { Hidden } from '#models/adaptation.js';
import { continuationOf } from '#models/continuation.js';
import type { Model } from '#models/model.js';
import { readRows } from './embedding-rows.js';
import type { LabelSpace, MethodImplementation, Parameters } from '../method.js';
import { writtenPrompt } from '../files/peft/prompt.js';
import { sizedBy } from '../members/shapes.js';
import { ownPlaces } from '../members/stacking.js';
import { checkVirtualTokens } from '../members/virtual-tokens.js';

// Lester et al. 2021 §3.2 sample from the 5,000 most common SentencePiece tokens; vocabularies are ordered by
// likelihood.
const commonTokens = 5000;

/** Soft prompt of P virtual tokens in front of the (encoder) input; only it is trained (Lester et al. 2021
 *  §2). Parameters: P x dModel, and as many for the decoder's own. A decoder-only model has it in front of
 *  its text. initialisation is the paper's U[-0.5, 0.5]; the released code draws from [0, 0.5). */
export const promptTuning: MethodImplementation<PromptTuning> = {
  check({ length, place }, model) {
    checkVirtualTokens(length, model);
    if (place === 'encoder-and-decoder' && model.kind !== 'encoder-decoder')
      throw new Error(`method.place is "${place}", and the model is no encoder-decoder`);
  },

  shapes: (config, { dModel }) =>
    Object.fromEntries(namesOf(config).map((name) => [name, [sizedBy('length', config.length), dModel]])),

  init(config, model, labels, seed) {
    const made = namesOf(config).map((name) => {
      const rows = initialRows(config, model, labels, new HostRandom(seed, name));
      return [name, tf.tensor2d(rows, [config.length, model.dModel])];
    });
    return Object.fromEntries(made) as Parameters;
  },

  // Padded in front: the prompt stays next to the text, as T5's relative positions need.
  constants: (configs, sizes) => ({
    promptMask: ownPlaces(
      configs.map((c) => c.length),
      sizes.length,
    ),
  }),

  buckets: { length: promptBucket },

  adapt: ({ model, parameters: { prompt, decoderPrompt }, constants: { promptMask } }) => ({
    embeddings(x, stack) {
      const own = stack === 'decoder' && model.kind !== 'decoder' ? decoderPrompt : prompt;
      return own ? prepended(own as tf.Tensor3D, promptMask as tf.Tensor2D, x) : x;
    },
  }),

  weights: (frozen) => frozen,

  // peft puts a prompt in front of the encoder's text alone, and reads nothing of the decoder's, for which it
  // has rows behind the encoder's.
  peft: {
    type: 'PROMPT_TUNING',

    carries: ({ place }) => place === 'input',

    config: ({ length }, model) => ({
      num_virtual_tokens: length,
      token_dim: model.dModel,
      num_transformer_submodules: 1,
      prompt_tuning_init: 'RANDOM', // the values are in the file; how they began is in the trial's config
      prompt_tuning_init_text: null,
      tokenizer_kwargs: null,
      tokenizer_name_or_path: null,
    }),
    tensors: ({ prompt }) => ({ prompt_embeddings: prompt! }),
    parameters({ prompt_embeddings: rows }, written) {
      const prompt = writtenPrompt(rows, written);
      const config = {
        name: 'prompt-tuning',
        length: prompt.shape[0],
        init: 'random',
        place: 'input',
      } as const;
      return { config, parameters: { prompt } };
    },
  },
};

const namesOf = ({ place }: PromptTuning): string[] =>
  place === 'input' ? ['prompt'] : ['prompt', 'decoderPrompt'];

/** prompt [G, P, D] in front of states [G * B, T, D], with its mask [G, P]: every row of a member gets its
 *  member's prompt. */
export function prepended(prompt: tf.Tensor3D, promptMask: tf.Tensor2D, { states, mask }: Hidden): Hidden {
  const [members, length, width] = prompt.shape;
  const rows = states.shape[0];
  const batch = rows / members;
  const each = tf.reshape(tf.tile(tf.expandDims(prompt, 1), [1, batch, 1, 1]), [
    rows,
    length,
    width,
  ]) as tf.Tensor3D;
  const eachMask = tf.reshape(tf.tile(tf.expandDims(promptMask, 1), [1, batch, 1]), [
    rows,
    length,
  ]) as tf.Tensor2D;
  return { states: tf.concat([each, states], 1), mask: tf.concat([eachMask, mask], 1) };
}

function initialRows(
  config: PromptTuning,
  model: Model,
  labels: LabelSpace,
  random: HostRandom,
): Float32Array {
  const width = model.dModel;
  const values = new Float32Array(config.length * width);
  if (config.init === 'random') return values.map(() => random.uniform() - 0.5);
  if (config.init === 'random-positive') return values.map(() => 0.5 * random.uniform());
  const rows = config.init === 'class-labels' ? labelRows(model, labels).slice(0, config.length) : [];
  rows.forEach((row, i) => values.set(row, i * width));
  const rest = config.length - rows.length;
  if (rest > 0) values.set(readRows(model, sampledTokens(model, rest, random)), rows.length * width);
  return values;
}

/** Row i is the mean of label i's sub-word embeddings (Lester et al. 2021 §3.2), of a decoder those that it
 *  writes behind a text; labels beyond the prompt's length are left out. */
function labelRows(model: Model, labels: LabelSpace): Float32Array[] {
  return labels.words.map((word) => {
    const ids =
      model.kind === 'decoder' ? continuationOf(model.tokenizer, word) : model.tokenizer.encodePlain(word);
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
