import * as tf from '@tensorflow/tfjs';
import type { PTuning } from '#contracts/method.js';
import { HostRandom } from '#engine/host-random.js';
import type { Model } from '#models/model.js';
import type { MethodImplementation, Parameters } from './method.js';
import { promptEncoderShapes, pseudoTokens } from './prompt-encoder.js';
import { promptTuning } from './prompt-tuning.js';
import { countOf, ownShapes, stackPadded, unstackTo } from './stacking.js';

/** P-tuning v1 (Liu et al. 2021 §3): pseudo tokens that a prompt encoder makes of trained embeddings, in front of the text, the language
 *  model frozen. After training only what the encoder makes is kept (fold). Parameters: P d and the encoder's. */
export const pTuning: MethodImplementation<PTuning> = {
  gangs: true,

  check({ length, hidden, form }, model) {
    promptTuning.check({ name: 'prompt-tuning', length, init: 'random', place: 'input' }, model);
    const width = hidden ?? model.dModel;
    if (form === 'paper' && width % 2 === 1)
      throw new Error(`method.hidden is ${width}, and half of it goes to each direction of the LSTM: expected an even number`);
  },

  init: (config, model, _labels, seed) =>
    Object.fromEntries(
      Object.entries(promptEncoderShapes(config, model)).map(([name, shape]) => {
        const random = new HostRandom(seed, `p-tuning ${name}`);
        const bound = name === 'embedding' ? null : boundOf(name, config, model);
        const draw = bound === null ? () => random.normal() : () => bound * (2 * random.uniform() - 1);
        return [name, tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, draw), shape)];
      }),
    ),

  stack(configs, members) {
    const longest = Math.max(...configs.map((c) => c.length));
    const mask = configs.map((c) => Array.from({ length: longest }, (_, i) => (i >= longest - c.length ? 1 : 0)));
    return { parameters: stackPadded(members), constants: { promptMask: tf.tensor2d(mask) } };
  },

  unstack: ({ length }, parameters, member) =>
    unstackTo(
      ownShapes(parameters, (name, shape) => (name === 'embedding' ? [length, shape[1]!] : shape)),
      parameters,
      member,
    ),

  adapt(pass) {
    const { config, parameters, constants } = pass;
    let prompt: tf.Tensor | undefined;
    return {
      embeddings(x, stack, ids) {
        prompt ??= pseudoTokens(config, parameters, constants['promptMask'] as tf.Tensor2D);
        const plain = { name: 'prompt-tuning', length: config.length, init: 'random', place: 'input' } as const;
        return promptTuning.adapt({ ...pass, config: plain, parameters: { prompt } }).embeddings!(x, stack, ids);
      },
    };
  },

  weights: (frozen) => frozen,

  fold(config, _model, parameters) {
    const folded = config.encoder === 'none' ? parameters : { embedding: foldedPrompt(config, parameters) };
    return { config: { ...config, encoder: 'none' }, parameters: folded };
  },

  // peft keeps what the encoder made, and not the encoder.
  peft: {
    config: (config, model) => ({
      peft_type: 'P_TUNING',
      num_virtual_tokens: config.length,
      token_dim: model.dModel,
      num_transformer_submodules: 1,
      encoder_reparameterization_type: config.encoder === 'lstm' ? 'LSTM' : 'MLP',
      encoder_hidden_size: config.hidden ?? model.dModel,
      encoder_num_layers: 2,
      encoder_dropout: 0,
    }),
    tensors: (parameters, config) => ({ prompt_embeddings: foldedPrompt(config, parameters) }),
    parameters({ prompt_embeddings: embedding }) {
      if (embedding?.rank !== 2) throw new Error('the adapter has no matrix prompt_embeddings');
      const config = { name: 'p-tuning', length: embedding.shape[0]!, encoder: 'none', hidden: null, form: 'paper' } as const;
      return { config, parameters: { embedding } };
    },
  },

  count: (config, model) => countOf(promptEncoderShapes(config, model)),
};

/** What one member's encoder makes, [P, D]: all that is needed after training. */
export function foldedPrompt(config: PTuning, parameters: Parameters): tf.Tensor2D {
  return tf.tidy(() => {
    const stacked = Object.fromEntries(Object.entries(parameters).map(([name, t]) => [name, tf.expandDims(t, 0)]));
    return tf.squeeze(pseudoTokens(config, stacked, tf.ones([1, parameters['embedding']!.shape[0]!])), [0]);
  });
}

/** PyTorch's: 1 / sqrt(hidden) throughout an LSTM, 1 / sqrt(in) for a linear map and its bias. */
function boundOf(name: string, config: PTuning, model: Model): number {
  const shapes = promptEncoderShapes(config, model);
  if (name.startsWith('lstm_head')) return shapes['lstm_head.weight_hh_l0']![1]! ** -0.5;
  return shapes[name.replace(/\.bias$/, '.weight')]![1]! ** -0.5;
}
