import * as tf from '@tensorflow/tfjs';
import type { PrefixTuning } from '#contracts/method.js';
import type { Model } from '#models/model.js';
import type { MethodImplementation } from './method.js';
import {
  initPrefix,
  prefixAdaptation,
  prefixConstants,
  prefixOwnShapes,
  prefixShapes,
  prefixValues,
  type PrefixTables,
  tablesOf,
} from './prefix-encoder.js';
import { countOf, stackPadded, unstackTo } from './stacking.js';

/** Prefix tuning (Li & Liang 2021 §4): P trained keys and values in front of every layer's own. While it is trained, the prefix comes out of
 *  an MLP of width `hidden` (§4.3; the authors' code embeds P x d_model, not P x hidden, and is followed); fold() drops the MLP.
 *  Parameters: 2 P L H d for each kind of attention, after folding. */
export const prefixTuning: MethodImplementation<PrefixTuning> = {
  gangs: true,

  check(config, model) {
    chosenTables(config, model);
    const { maxPositions } = model;
    if (maxPositions !== null && config.length >= maxPositions)
      throw new Error(
        `method.length is ${config.length}, and the model has ${maxPositions} positions for prefix and text together`,
      );
  },

  init: (config, model, _labels, seed) => initPrefix(prefixShapes(config, chosenTables(config, model), model), seed),

  stack: (configs, members) => ({ parameters: stackPadded(members), constants: prefixConstants(configs) }),

  unstack: ({ length }, parameters, member) => unstackTo(prefixOwnShapes(parameters, length), parameters, member),

  adapt: ({ config, model, parameters, constants }) => prefixAdaptation(parameters, constants, chosenTables(config, model)),

  weights: (frozen) => frozen,

  // peft keeps what the MLP made, of one kind of attention: an encoder-decoder's is the decoder's own.
  peft: {
    config(config, model) {
      const [attentions] = [...chosenTables(config, model).values()];
      const { heads, dHead } = attentions![0]!;
      return {
        peft_type: 'PREFIX_TUNING',
        num_virtual_tokens: config.length,
        num_transformer_submodules: 1,
        num_attention_heads: heads,
        num_layers: attentions!.length,
        token_dim: heads * dHead,
        encoder_hidden_size: config.hidden,
        prefix_projection: config.hidden !== null,
      };
    },
    tensors(parameters, config, model) {
      const folded = foldPrefix(parameters, chosenTables(config, model));
      const tables = Object.entries(folded);
      if (tables.length === 1) return { prompt_embeddings: tables[0]![1] };
      return Object.fromEntries(tables.map(([table, t]) => [`prompt_embeddings.${table}`, t])); // beyond peft: named by attention
    },
    parameters({ prompt_embeddings: embedding }, _written, model) {
      if (embedding?.rank !== 2) throw new Error('the adapter has no matrix prompt_embeddings');
      const place = model.kind === 'encoder' ? 'encoder' : 'decoder';
      const config = { name: 'prefix-tuning', length: embedding.shape[0]!, hidden: null, places: [place] } as const;
      return { config: { ...config, places: [place] }, parameters: { [`${place}.embedding`]: embedding } };
    },
  },

  count: (config, model) => countOf(prefixShapes(config, chosenTables(config, model), model)),
};

/** Keys and values of one member [P, 2 L H d] by table, without the MLP: what is kept after training. */
export function foldPrefix(parameters: Record<string, tf.Tensor>, tables: PrefixTables): Record<string, tf.Tensor> {
  const stacked = (): Record<string, tf.Tensor> =>
    Object.fromEntries(Object.entries(parameters).map(([n, t]) => [n, tf.expandDims(t, 0)]));
  return Object.fromEntries(
    [...tables.keys()].map((table) => [table, tf.tidy(() => tf.squeeze(prefixValues(stacked(), table), [0]))]),
  );
}

function chosenTables({ places }: PrefixTuning, model: Model): PrefixTables {
  const all = tablesOf(model.modules.attentions);
  const lost = places?.find((place) => !all.has(place));
  if (lost !== undefined)
    throw new Error(`method.places names ${lost}, and the model's attentions are ${[...all.keys()].join(', ')}`);
  return places ? new Map([...all].filter(([table]) => (places as string[]).includes(table))) : all;
}
