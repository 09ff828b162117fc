/** What the frozen lower layers of a backbone make of a text, for methods that train above them: computed
 *  once, and the same at every step. */
import * as tf from '@tensorflow/tfjs';
import { type FrozenPart, frozenPass } from '#methods/members/frozen-part.js';
import type { Model } from '#models/model.js';
import { tokensOf } from '../answers/answering.js';
import { eachRow, type FrozenWork } from './each-row.js';
import type { RowReader } from '../rows/row-reader.js';
import type { Row } from '../rows/row.js';
import { Warm } from '../warm/warm.js';

/** [T, D] of texts of T tokens each, by their ids and types: no padding is kept. */
export type TextStates = ReadonlyMap<string, Float32Array>;

interface Held {
  bytes: number; // that the states have, or will have when all are computed
  states: Map<string, Float32Array>;
}

/** Bytes of states that are kept, for the trial that trains and those that come after it. */
export const mostStateBytes = 512 * 2 ** 20;

const warm = new Warm<Held>(mostStateBytes, ({ bytes }) => bytes);

export interface Texts {
  rows: readonly Row[];
  longest: number; // tokens of a row, at most
  task: string; // what other trials on the same texts give too
}

/** Bytes that the states of all these texts take. */
export function stateBytes(model: Model, rows: readonly Row[]): number {
  const lengths = new Map(rows.map((e) => [textOf(e), e.ids.length]));
  return 4 * model.dModel * [...lengths.values()].reduce((a, b) => a + b, 0);
}

/** Computes the states in front of `part.layer` that are not known yet. Rests between batches. */
export async function* statesBelow(
  model: Model,
  part: FrozenPart,
  texts: Texts,
): AsyncGenerator<void, TextStates> {
  const held = heldFor(model, part, texts);
  const missing = new Map(texts.rows.map((e) => [textOf(e), e]));
  for (const known of held.keys()) missing.delete(known);
  const work: FrozenWork = {
    name: `below ${part.layer} ${model.hash.slice(0, 8)}`,
    model,
    longest: texts.longest,
    compute: (weights, batch) => model.encode(weights, tokensOf(batch), frozenPass(part)).states,
    keep: (row, part) => held.set(textOf(row), part.slice(0, row.ids.length * model.dModel)),
  };
  yield* eachRow(work, [...missing.values()]);
  return held;
}

/** Rows as `tokens` reads them, and beside the ids `states` [N, T, D], zeros at padding. states: of each
 *  member of a gang. */
export function stateReader(tokens: RowReader, states: readonly TextStates[], dModel: number): RowReader {
  return (blocks) => {
    const batch = tokens(blocks);
    const [n, t] = batch['ids']!.shape as [number, number];
    const flat = new Float32Array(n * t * dModel);
    let row = 0;
    for (const [i, block] of blocks.entries())
      for (const own of block) flat.set(known(states[i % states.length]!, own), row++ * t * dModel);
    return { ...batch, states: tf.tensor3d(flat, [n, t, dModel]) };
  };
}

function known(states: TextStates, row: Row): Float32Array {
  const found = states.get(textOf(row));
  if (!found) throw new Error('the states of a text were not computed before they were asked for');
  return found;
}

const textOf = ({ ids, types }: Row): string => (types ? `${ids.join()} ${types.join()}` : ids.join());

/** What is kept of the task, with room for these texts: as much as they need in all, or where that is too
 *  much, for them alone. */
function heldFor(
  model: Model,
  { layer, shift }: FrozenPart,
  { rows, task }: Texts,
): Map<string, Float32Array> {
  const key = `${model.hash} ${model.precision} ${layer} ${shift} ${task}`;
  const states = warm.get(key)?.states ?? new Map<string, Float32Array>();
  const fresh = rows.filter((e) => !states.has(textOf(e)));
  const bytes = stateBytes(model, fresh) + [...states.values()].reduce((sum, s) => sum + s.byteLength, 0);
  if (bytes <= mostStateBytes) return warm.keep(key, { bytes, states }).states;
  return warm.keep(key, { bytes: stateBytes(model, rows), states: new Map() }).states;
}
