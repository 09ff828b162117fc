/** What a frozen backbone makes of a text, for methods that train nothing but a head on it: computed once an example. */
import * as tf from '@tensorflow/tfjs';
import type { Tensors } from '#engine/step/step.js';
import type { Model } from '#models/model.js';
import { eachExample, type FrozenWork } from './each-example.js';
import { type EncodedExample, labelTensors } from '../rows/encode-examples.js';
import { pooled } from './pooled.js';
import type { RowReader } from '../rows/row-reader.js';
import { Warm } from '../warm/warm.js';

type States = WeakMap<EncodedExample, Float32Array>;

const warm = new Warm<States>(2, () => 1);

/** Computes what is not known yet, and gives what reads it in place of texts. Rests between batches. */
export async function* poolExamples(
  model: Model,
  examples: readonly EncodedExample[],
  longest: number,
): AsyncGenerator<void, RowReader> {
  const states: States = warm.get(model.hash) ?? warm.keep(model.hash, new WeakMap());
  const missing = [...new Set(examples)].filter((e) => !states.has(e));
  const work: FrozenWork = {
    name: `pool ${model.hash.slice(0, 8)}`,
    model,
    longest,
    compute: (weights, batch) => pooled(model, weights, {}, batch),
    keep: (example, row) => states.set(example, row.slice()),
  };
  yield* eachExample(work, missing);
  return (blocks) => pooledTensors(states, blocks.flat());
}

/** pooled [N, D] of examples that were pooled, and what they are to answer. */
function pooledTensors(states: States, rows: readonly EncodedExample[]): Tensors {
  const values = rows.map((row) => states.get(row));
  const width = values[0]?.length ?? 0;
  const flat = new Float32Array(rows.length * width);
  values.forEach((v, i) => {
    if (!v) throw new Error('an example was not pooled before it was asked for');
    flat.set(v, i * width);
  });
  return { pooled: tf.tensor2d(flat, [rows.length, width]), ...labelTensors(rows) };
}
