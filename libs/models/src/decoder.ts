/** What decoder-only families share: virtual tokens, logits of the text's positions, writing. */
import * as tf from '@tensorflow/tfjs';
import { embedding } from '#engine/ops/embedding.js';
import type { Adaptation, Hidden } from './adaptation.js';
import { behindText, type Writing } from './generate/writing.js';
import type { KeysAndValues } from './heads.js';
import { weightOf } from './linear-map.js';
import type { TokenBatch, Weights } from './batch.js';
import type { DecoderModel, Read } from './model.js';
import { lastPositions, type Past } from './past.js';
import { lastState } from './positions.js';
import { tokenRows } from './token-rows.js';

export interface DecoderFamily {
  embedding: string; // the input embedding's name
  endIds: readonly number[];
  /** Final states of embedded positions [N, T, D] that follow `past`; the mask [N, S] covers both. And each
   *  layer's keys and values of all S, without what a prefix adds. Where the adaptation has a `begin`, the
   *  positions given are its states. */
  states(
    weights: Weights,
    input: Hidden,
    adaptation?: Adaptation,
    past?: Past,
  ): { states: tf.Tensor3D; layers: KeysAndValues[] };
  /** [N, T, D] -> [N, T, V]. */
  logits(weights: Weights, states: tf.Tensor3D, adaptation?: Adaptation): tf.Tensor3D;
}

type DecoderParts = Pick<
  DecoderModel,
  | 'kind'
  | 'endId'
  | 'inputEmbedding'
  | 'encode'
  | 'pool'
  | 'read'
  | 'follow'
  | 'logits'
  | 'decode'
  | 'writing'
>;

/** `positions`: of a text and what is written behind it, at most; null: no limit. */
export function decoderModel(family: DecoderFamily, positions: number | null): DecoderParts {
  const inputEmbedding = (w: Weights) => weightOf<tf.Tensor2D>(w, family.embedding);
  const read = (w: Weights, batch: TokenBatch, adaptation?: Adaptation): Read => {
    const input = embedded(inputEmbedding(w), batch, adaptation);
    const { states, layers } = family.states(w, input, adaptation);
    const { mask } = input;
    return { states, mask, past: { layers, mask, length: mask.shape[1] } };
  };
  const encode = (w: Weights, batch: TokenBatch, adaptation?: Adaptation): Hidden => {
    const { states, mask } = read(w, batch, adaptation);
    return { states, mask };
  };
  return {
    kind: 'decoder',
    endId: family.endIds[0]!,
    inputEmbedding,
    encode,
    pool: (encoded, batch) => lastState(lastPositions(encoded.states, batch.ids.shape[1]), batch.mask),
    read,
    follow(w, { ids, mask }, past, adaptation) {
      checkWhole(adaptation);
      const rest = behindText(adaptation);
      const seen = past.mask ?? tf.ones([ids.shape[0], past.length]);
      const all = tf.concat([seen, mask], 1) as tf.Tensor2D;
      return family.states(
        w,
        { states: embedding(inputEmbedding(w), ids) as tf.Tensor3D, mask: all },
        rest,
        past,
      ).states;
    },
    logits: family.logits,
    decode(w, batch, adaptation) {
      const { states } = encode(w, batch, adaptation);
      return family.logits(w, lastPositions(states, batch.ids.shape[1]), adaptation);
    },
    writing: writing(family, positions),
  };
}

function embedded(table: tf.Tensor2D, { ids, mask }: TokenBatch, adaptation?: Adaptation): Hidden {
  if (adaptation?.begin) return { states: adaptation.begin.states, mask };
  const text = { states: tokenRows(table, ids, adaptation), mask };
  return adaptation?.embeddings?.(text, 'decoder', ids) ?? text;
}

/** Throws where a text's lower layers are left out: tokens behind it would look at them. */
function checkWhole(adaptation?: Adaptation): void {
  const layers = adaptation?.begin?.layer;
  if (layers !== undefined)
    throw new Error(`no token can follow a text whose first ${layers} layers were computed before`);
}

/** Prompts may be padded on either side. */
function writing(family: DecoderFamily, positions: number | null): Writing {
  const table = (w: Weights) => weightOf<tf.Tensor2D>(w, family.embedding);
  const flat = (logits: tf.Tensor3D) => tf.squeeze(logits, [1]) as tf.Tensor2D;
  return {
    endIds: family.endIds,
    startId: undefined,
    positions,
    begin(w, batch, adaptation) {
      checkWhole(adaptation);
      const input = embedded(table(w), batch, adaptation);
      const { states, layers } = family.states(w, input, adaptation);
      const last = tf.expandDims(lastState(states, input.mask), 1) as tf.Tensor3D;
      return {
        logits: flat(family.logits(w, last, adaptation)),
        cache: { layers, mask: tf.clone(input.mask) },
      };
    },
    next(w, ids, { cache: { layers: before, mask }, slots }, adaptation) {
      const past = { layers: before, mask, length: mask.shape[1], slots };
      const tokens = { states: embedding(table(w), ids) as tf.Tensor3D, mask };
      const { states, layers } = family.states(w, tokens, behindText(adaptation), past);
      return { logits: family.logits(w, states, adaptation), layers };
    },
  };
}
