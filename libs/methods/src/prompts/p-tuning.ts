import * as tf from '@tensorflow/tfjs';
import type { PTuning } from '#contracts/methods/p-tuning.js';
import { parseTemplate, slotCount } from '#contracts/template.js';
import { HostRandom } from '#engine/host-random.js';
import type { Weights } from '#models/batch.js';
import type { Model } from '#models/model.js';
import type { MethodImplementation, Parameters } from '../method.js';
import { writtenPrompt } from '../files/peft/prompt.js';
import { promptEncoderShapes, pseudoTokens } from './prompt-encoder.js';
import { prepended } from './prompt-tuning.js';
import { filled } from '../members/slots.js';
import { scalarsOf, sizeOf, sizesOf } from '../members/shapes.js';
import { ownPlaces } from '../members/stacking.js';
import { checkSingleTokens, templateReading } from './template.js';
import { checkVirtualTokens } from '../members/virtual-tokens.js';

/** P-tuning v1 (Liu et al. 2021 §3): pseudo tokens that a prompt encoder makes of trained embeddings, in
 *  front of the text or anywhere in a template, the language model frozen or tuned too. After training only
 *  what the encoder makes is kept (fold). Parameters: P d and the encoder's, and where the model is tuned its
 *  own: W + modelRate D, D trained from zero, which under Adam is a learning rate of its own; weight decay
 *  pulls D, and so the model towards what it was. */
export const pTuning: MethodImplementation<PTuning> = {
  check(config, model) {
    const { hidden, form } = config;
    checkVirtualTokens(tokensOf(config), model);
    this.reading!(config, model);
    const width = hidden ?? model.dModel;
    if (form === 'paper' && width % 2 === 1)
      throw new Error(
        `method.hidden is ${width}, and half of it goes to each direction of the LSTM: expected an even number`,
      );
  },

  shapes: (config, model) => ({
    ...shapesOf(config, model),
    ...Object.fromEntries(
      changedNames(config, model).map((name) => [changePrefix + name, model.shapes[name]!]),
    ),
  }),

  init(config, model, labels, seed) {
    if (this.reading!(config, model)?.maskId !== undefined) checkSingleTokens(labels.words, model.tokenizer);
    const drawn = Object.entries(shapesOf(config, model)).map(([name, shape]) => {
      const random = new HostRandom(seed, `p-tuning ${name}`);
      const bound = name === 'embedding' ? null : boundOf(name, config, model);
      const draw = bound === null ? () => random.normal() : () => bound * (2 * random.uniform() - 1);
      return [name, tf.tensor(Float32Array.from({ length: scalarsOf(shape) }, draw), sizesOf(shape))];
    });
    const changes = changedNames(config, model).map((name) => [
      changePrefix + name,
      tf.zerosLike(model.weights[name]!),
    ]);
    return Object.fromEntries([...drawn, ...changes]) as Parameters;
  },

  constants: (configs, sizes) => ({ promptMask: ownPlaces(configs.map(tokensOf), sizes.length) }),

  adapt(pass) {
    const { config, model, parameters, constants } = pass;
    const mask = constants['promptMask'] as tf.Tensor2D;
    return {
      embeddings(x, stack, ids) {
        if (stack === 'decoder' && model.kind !== 'decoder') return x;
        const prompt = pseudoTokens(config, parameters, mask);
        return config.template === null ? prepended(prompt, mask, x) : filled(x, ids, prompt);
      },
    };
  },

  weights(frozen, parameters, { modelRate }) {
    if (modelRate === 0) return frozen;
    const changed = Object.entries(frozen).map(([name, w]) => {
      const change = parameters[changePrefix + name];
      return [name, change ? tf.add(w, tf.mul(modelRate, tf.squeeze(change, [0]))) : w];
    });
    return Object.fromEntries(changed) as Weights;
  },

  reading(config, model) {
    return config.template === null
      ? undefined
      : templateReading(parseTemplate(config.template, config.length), model);
  },

  fold(config, _model, parameters) {
    const changes = Object.entries(parameters).filter(([name]) => name.startsWith(changePrefix));
    const folded = { embedding: foldedPrompt(config, parameters), ...Object.fromEntries(changes) };
    return { config: { ...config, encoder: 'none' }, parameters: folded };
  },

  // peft keeps what the encoder made, and not the encoder; it has no template and leaves the model frozen.
  peft: {
    type: 'P_TUNING',

    carries: ({ template, modelRate }) => template === null && modelRate === 0,

    config: (config, model) => ({
      num_virtual_tokens: config.length,
      token_dim: model.dModel,
      num_transformer_submodules: 1,
      encoder_reparameterization_type: config.encoder === 'lstm' ? 'LSTM' : 'MLP',
      encoder_hidden_size: config.hidden ?? model.dModel,
      encoder_num_layers: 2,
      encoder_dropout: 0,
    }),
    tensors: (parameters, config) => ({ prompt_embeddings: foldedPrompt(config, parameters) }),
    parameters({ prompt_embeddings: rows }, written) {
      const embedding = writtenPrompt(rows, written);
      const knobs = { length: embedding.shape[0], encoder: 'none', hidden: null, form: 'paper' } as const;
      return {
        config: { name: 'p-tuning', ...knobs, template: null, modelRate: 0 },
        parameters: { embedding },
      };
    },
  },
};

const changePrefix = 'change of ';

/** Pseudo tokens in all. */
function tokensOf({ template, length }: PTuning): number {
  return template === null ? length : slotCount(parseTemplate(template, length));
}

const shapesOf = (config: PTuning, model: Model) =>
  promptEncoderShapes({ ...config, length: tokensOf(config) }, model);

const changedNames = ({ modelRate }: PTuning, model: Model) =>
  modelRate > 0 ? Object.keys(model.weights) : [];

/** What one member's encoder makes, [P, D]: all that is needed after training. */
export function foldedPrompt(config: PTuning, parameters: Parameters): tf.Tensor2D {
  return tf.tidy(() => {
    const own = Object.entries(parameters).filter(([name]) => !name.startsWith(changePrefix));
    const stacked = Object.fromEntries(own.map(([name, t]) => [name, tf.expandDims(t, 0)]));
    return tf.squeeze(pseudoTokens(config, stacked, tf.ones([1, parameters['embedding']!.shape[0]!])), [0]);
  });
}

/** PyTorch's: 1 / sqrt(hidden) throughout an LSTM, 1 / sqrt(in) for a linear map and its bias. */
function boundOf(name: string, config: PTuning, model: Model): number {
  const shapes = shapesOf(config, model);
  if (name.startsWith('lstm_head')) return sizeOf(shapes['lstm_head.weight_hh_l0']![1]!) ** -0.5;
  return sizeOf(shapes[name.replace(/\.bias$/, '.weight')]![1]!) ** -0.5;
}
