import * as tf from '@tensorflow/tfjs';
import type { PrefixTuning } from '#contracts/methods/prefix-tuning.js';
import type { Adaptation } from '#models/adaptation.js';
import type { Model } from '#models/model.js';
import type { LabelSpace, MethodImplementation, Pass, Reading } from '../method.js';
import { prefixLayout } from '../files/peft/prefix.js';
import {
  foldPrefix,
  initPrefix,
  keyValueWidths,
  layerParts,
  prefixAdaptation,
  prefixConstants,
  prefixShapes,
  type PrefixTables,
  prefixValues,
  type TableWidths,
  tablesOf,
} from './prefix-encoder.js';
import { prepended } from '../prompts/prompt-tuning.js';
import { beginningAs, wordActivations, wordEmbeddings, wordIds } from './real-words.js';
import { filled, replaced, slotId, slotsOf } from '../members/slots.js';
import { checkVirtualTokens } from '../members/virtual-tokens.js';

/** Prefix tuning (Li & Liang 2021 §4): P trained keys and values in front of every layer's own. While it is
 *  trained, the prefix comes out of an MLP of width `hidden` (§4.3; the authors' code embeds P x d_model, not
 *  P x hidden, and is followed); fold drops the MLP. Parameters: 2 P L H d for each kind of attention, after
 *  folding. infix (§7.3): the virtual tokens stand between the text and what is written after it, so that the
 *  text can't see them: an encoder-decoder's are before the decoder's text and beside the encoder's, a
 *  decoder's behind all but the text's last token, which is gone on from as the authors go on from a token of
 *  their own. embedding-only (§7.2): virtual tokens below the first layer, P d for each stack. The authors'
 *  code drops some of the prefix's keys and values while training: `dropout`. */
export const prefixTuning: MethodImplementation<PrefixTuning> = {
  check(config, model) {
    widthsOf(config, model);
    checkVirtualTokens(config.length, model);
    if (config.relativePositions && model.family !== 't5' && model.family !== 'mpnet')
      throw new Error('method.relativePositions is true, and the model has none; only T5 and MPNet have');
    if (config.words !== null && config.init === 'random')
      throw new Error(
        'method.words is given, and method.init is "random", which reads none; expected "real-words"',
      );
    if (config.words !== null) wordIds(model, config.words, config.length);
  },

  shapes: shapesOf,

  init(config, model, labels, seed) {
    const random = initPrefix(shapesOf(config, model), seed);
    return config.init === 'random' ? random : beginningAs(random, words(config, model, labels));
  },

  constants: prefixConstants,

  adapt(pass) {
    const { config, model, parameters, constants, draws } = pass;
    if (hasSlots(config, model)) return infixed(pass);
    if (config.depth === 'embedding-only') return embedded(pass);
    const { relativePositions, dropout: rate } = config;
    return prefixAdaptation(parameters, constants, chosenTables(config, model), {
      relativePositions,
      ...(draws && { dropout: { rate, draws } }),
    });
  },

  weights: (frozen) => frozen,

  fold: (config, _model, parameters) => ({
    config: { ...config, hidden: null },
    parameters: foldPrefix(parameters),
  }),

  reading(config, model): Reading | undefined {
    if (!hasSlots(config, model)) return undefined;
    const slots = Array.from({ length: config.length }, (_, k) => slotId(k));
    return {
      extra: config.length,
      read(text, maxLength) {
        const ids = model.tokenizer.encode(text, maxLength);
        return [...ids.slice(0, -1), ...slots, ...ids.slice(-1)];
      },
    };
  },

  peft: prefixLayout(chosenTables),
};

/** A prefix as other methods have it: random, of all layers. */
export function plainPrefix(sizes: Pick<PrefixTuning, 'length' | 'hidden'>): PrefixTuning {
  const plain = {
    places: null,
    init: 'random',
    words: null,
    position: 'prefix',
    depth: 'all',
    relativePositions: false,
    dropout: 0,
  } as const;
  return { name: 'prefix-tuning', ...sizes, ...plain };
}

/** A decoder reads and writes one text, with the infix in it. */
const hasSlots = ({ position }: PrefixTuning, model: Model): boolean =>
  position === 'infix' && model.kind === 'decoder';

function infixed({ config, model, parameters }: Pass<PrefixTuning>): Adaptation {
  if (config.depth === 'embedding-only')
    return { embeddings: (x, _stack, ids) => filled(x, ids, prefixValues(parameters, 'decoder')) };
  const part = layerParts(parameters, chosenTables(config, model));
  let slots: tf.Tensor3D;
  return {
    embeddings(x, _stack, ids) {
      slots = slotsOf(ids, config.length);
      return x;
    },
    memory(site, own) {
      // a token written behind the text, which has two places at least
      if (own.keys.shape[2] !== slots.shape[1]) return own;
      const { keys, values } = part(site, own.keys.shape[0])!;
      return { keys: replaced(own.keys, slots, keys), values: replaced(own.values, slots, values) };
    },
  };
}

function embedded({ config, model, parameters, constants }: Pass<PrefixTuning>): Adaptation {
  const stacks = widthsOf(config, model);
  const mask = constants['prefixMask'] as tf.Tensor2D;
  return {
    embeddings: (x, stack) => (stacks.has(stack) ? prepended(prefixValues(parameters, stack), mask, x) : x),
  };
}

function words(config: PrefixTuning, model: Model, labels: LabelSpace) {
  const ids = wordIds(model, config.words ?? labels.words.join(' '), config.length);
  if (config.depth === 'embedding-only') return wordEmbeddings(model, widthsOf(config, model).keys(), ids);
  return wordActivations(model, chosenTables(config, model), ids);
}

function shapesOf(config: PrefixTuning, model: Model) {
  return prefixShapes(config, widthsOf(config, model), model);
}

function widthsOf(config: PrefixTuning, model: Model): TableWidths {
  const tables = chosenTables(config, model);
  if (config.depth === 'all') return keyValueWidths(tables);
  return new Map(
    [...tables.keys()].filter((table) => table !== 'cross').map((stack) => [stack, model.dModel]),
  );
}

/** Throws an Error naming the knob where the model has no such place. */
function chosenTables({ places, position, depth }: PrefixTuning, model: Model): PrefixTables {
  const all = tablesOf(model.modules.attentions);
  const lost = places?.find((place) => !all.has(place));
  if (lost !== undefined)
    throw new Error(
      `method.places names ${lost}, and the model's attentions are ${[...all.keys()].join(', ')}`,
    );
  if (position === 'infix') {
    if (model.kind === 'encoder')
      throw new Error(
        'method.position is "infix", between a text and what is written after it, and an encoder writes nothing',
      );
    if (places?.includes('encoder'))
      throw new Error(
        'method.places names encoder, where the text would see what method.position "infix" puts behind it',
      );
    all.delete('encoder');
  }
  if (depth === 'embedding-only' && places?.includes('cross'))
    throw new Error(
      'method.places names cross, which has no embeddings of its own for method.depth "embedding-only"',
    );
  return places ? new Map([...all].filter(([table]) => (places as string[]).includes(table))) : all;
}
