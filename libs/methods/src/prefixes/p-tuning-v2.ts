import type { PTuningV2 } from '#contracts/methods/p-tuning-v2.js';
import type { Model } from '#models/model.js';
import { firstStack, layersOf } from '../members/frozen-part.js';
import type { MethodImplementation } from '../method.js';
import {
  foldPrefix,
  initPrefix,
  keyValueWidths,
  prefixAdaptation,
  prefixConstants,
  prefixShapes,
  type PrefixTables,
  tablesOf,
} from './prefix-encoder.js';
import { checkVirtualTokens } from '../members/virtual-tokens.js';

/** P-tuning v2 (Liu et al. 2022 §3): deep prompts, keys and values of P virtual tokens in every layer or in a
 *  range of layers, without an MLP unless asked for. The linear head in place of a verbalizer is
 *  heads/with-head.ts. Parameters: 2 P L H d, and the head's. The released code drops a tenth of each row's
 *  keys and values, which the paper does not say: `dropout`. */
export const pTuningV2: MethodImplementation<PTuningV2> = {
  check(config, model) {
    chosenTables(config, model);
    checkVirtualTokens(config.length, model);
  },

  shapes: shapesOf,

  init: (config, model, _labels, seed) => initPrefix(shapesOf(config, model), seed),

  constants: prefixConstants,

  adapt: ({ config, model, parameters, constants, draws }) =>
    prefixAdaptation(
      parameters,
      constants,
      chosenTables(config, model),
      draws && { dropout: { rate: config.dropout, draws } },
    ),

  weights: (frozen) => frozen,

  frozenBelow(config, model) {
    const first = firstStack(model);
    const prompted = chosenTables(config, model).get(first);
    if (!prompted) return { layer: layersOf(first, model), shift: 0 };
    return { layer: prompted[0]!.layer, shift: model.maxPositions === null ? 0 : config.length };
  },

  fold: (config, _model, parameters) => ({
    config: { ...config, hidden: null },
    parameters: foldPrefix(parameters),
  }),
};

function shapesOf(config: PTuningV2, model: Model) {
  return prefixShapes(config, keyValueWidths(chosenTables(config, model)), model);
}

/** The attentions of the layers asked for, counted from 0, both ends included. */
function chosenTables({ layers }: PTuningV2, model: Model): PrefixTables {
  const { attentions } = model.modules;
  const [from, to] = layers ?? [0, Infinity];
  const last = Math.max(...attentions.map((a) => a.layer));
  if (layers && (from > to || to > last))
    throw new Error(`method.layers is [${from}, ${to}], and the model's layers are 0 to ${last}`);
  return tablesOf(attentions.filter((a) => a.layer >= from && a.layer <= to));
}
