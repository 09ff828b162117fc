/** What decoder-only families share: virtual tokens, logits of the text's positions, generation from prompts padded on either side. */
import * as tf from '@tensorflow/tfjs';
import { embedding } from '#engine/ops/embedding.js';
import type { Adaptation, Hidden } from './adaptation.js';
import { generate } from './generate/generate.js';
import { repeatedRows } from './generate/repeat.js';
import type { KeysAndValues } from './heads.js';
import { weightOf } from './linear-map.js';
import type { DecoderModel, GenerateOptions, Read, TokenBatch, Weights } from './model.js';
import { lastPositions, longerMask, type Past } from './past.js';
import { lastState } from './positions.js';
import { tokenRows } from './token-rows.js';

export interface DecoderFamily {
  embedding: string; // the input embedding's name
  endIds: readonly number[];
  /** Final states of embedded positions [N, T, D] that follow `past`; the mask [N, S] covers both. And each layer's keys and values of
   *  all S, without what a prefix adds. Where the adaptation has a `begin`, the positions given are its states. */
  states(weights: Weights, input: Hidden, adaptation?: Adaptation, past?: Past): { states: tf.Tensor3D; layers: KeysAndValues[] };
  /** [N, T, D] -> [N, T, V]. */
  logits(weights: Weights, states: tf.Tensor3D, adaptation?: Adaptation): tf.Tensor3D;
}

type DecoderParts = Pick<
  DecoderModel,
  'kind' | 'endId' | 'inputEmbedding' | 'encode' | 'pool' | 'read' | 'follow' | 'logits' | 'decode' | 'generate'
>;

export function decoderModel(family: DecoderFamily): DecoderParts {
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
      const { memory: _ofTheText, ...rest } = adaptation ?? {};
      const seen = past.mask ?? tf.ones([ids.shape[0], past.length]);
      const all = tf.concat([seen, mask], 1) as tf.Tensor2D;
      return family.states(w, { states: embedding(inputEmbedding(w), ids) as tf.Tensor3D, mask: all }, rest, past).states;
    },
    logits: family.logits,
    decode(w, batch, adaptation) {
      const { states } = encode(w, batch, adaptation);
      return family.logits(w, lastPositions(states, batch.ids.shape[1]), adaptation);
    },
    generate: (w, batch, options, adaptation) => continued(family, w, { batch, options, adaptation }),
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
  if (layers !== undefined) throw new Error(`no token can follow a text whose first ${layers} layers were computed before`);
}

function continued(
  family: DecoderFamily,
  w: Weights,
  { batch, options, adaptation }: { batch: TokenBatch; options: GenerateOptions; adaptation: Adaptation | undefined },
): number[][] {
  checkWhole(adaptation);
  const { beams } = options;
  const rows = batch.ids.shape[0] * beams;
  const table = weightOf<tf.Tensor2D>(w, family.embedding);
  const written = (states: tf.Tensor3D, last: tf.Tensor2D, past: Past) => {
    const logits = family.logits(w, tf.expandDims(last, 1) as tf.Tensor3D, adaptation);
    return { logits: tf.reshape(logits, [states.shape[0], -1]) as tf.Tensor2D, past };
  };
  const decoder = {
    rows,
    start() {
      const each = { ids: repeatedRows(batch.ids, beams), mask: repeatedRows(batch.mask, beams) };
      const input = embedded(table, each, adaptation);
      const { states, layers } = family.states(w, input, adaptation);
      const mask = tf.clone(input.mask); // the cache is disposed of, the caller's mask is not
      return written(states, lastState(states, mask), { layers, mask, length: mask.shape[1] });
    },
    next(ids: tf.Tensor2D, past: Past) {
      const mask = longerMask(past.mask, ids)!;
      const { states, layers } = family.states(w, { states: embedding(table, ids) as tf.Tensor3D, mask }, adaptation, past);
      return written(states, tf.squeeze(states, [1]), { layers, mask, length: past.length + 1 });
    },
  };
  return generate(decoder, options, { endIds: family.endIds, prompts: promptsOf(batch, beams) });
}

/** Each row's own tokens, without padding, `beams` times. Reads the batch back. */
function promptsOf({ ids, mask }: TokenBatch, beams: number): number[][] {
  const [tokens, keeps] = [ids.arraySync(), mask.arraySync()];
  return tokens.flatMap((row, i) => Array.from({ length: beams }, () => row.filter((_, j) => keeps[i]![j] === 1)));
}
