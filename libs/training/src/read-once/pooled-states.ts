/** What a frozen backbone makes of a text, for methods that train nothing but a head on it: computed once a
 *  text. */
import * as tf from '@tensorflow/tfjs';
import { formOf, type Head } from '#methods/heads/form.js';
import type { Model } from '#models/model.js';
import type { RowReader } from '../rows/row-reader.js';
import type { Row } from '../rows/row.js';
import { Warm } from '../warm/warm.js';
import type { Answering } from '../answers/answering.js';
import { statesOf } from '../answers/head.js';
import { eachRow, type FrozenWork } from './each-row.js';

type States = WeakMap<Row, Float32Array>;

const warm = new Warm<States>(2, () => 1);

/** Computes what is not known yet, and gives what reads it in place of texts. Rests between batches. */
export async function* poolRows(
  model: Model,
  rows: readonly Row[],
  {
    longest,
    head,
    targets,
  }: { longest: number; head: Head | null; targets: NonNullable<Answering['pooledTargets']> },
): AsyncGenerator<void, RowReader> {
  const reads = head === null ? 'pooled' : formOf(model, head).reads;
  const key = `${model.hash} ${model.precision} ${reads}`;
  const states: States = warm.get(key) ?? warm.keep(key, new WeakMap());
  const missing = [...new Set(rows)].filter((e) => !states.has(e));
  const work: FrozenWork = {
    name: `pool ${model.hash.slice(0, 8)}`,
    model,
    decoder: reads === 'end',
    longest,
    compute: (weights, batch) => statesOf(model, head, { weights, adaptation: {}, batch }),
    keep: (row, part) => states.set(row, part.slice()),
  };
  yield* eachRow(work, missing);
  return (blocks) => {
    const own = blocks.flat();
    return { pooled: pooledTensor(states, own), ...targets(own) };
  };
}

/** [N, D] of rows that were pooled. */
function pooledTensor(states: States, rows: readonly Row[]): tf.Tensor2D {
  const values = rows.map((row) => states.get(row));
  const width = values[0]?.length ?? 0;
  const flat = new Float32Array(rows.length * width);
  values.forEach((v, i) => {
    if (!v) throw new Error('a text was not pooled before it was asked for');
    flat.set(v, i * width);
  });
  return tf.tensor2d(flat, [rows.length, width]);
}
