/** What a frozen backbone makes of a text, for methods that train nothing but a head on it: computed once an example. */
import * as tf from '@tensorflow/tfjs';
import { inLanes } from '#engine/lanes.js';
import { Step, type Tensors } from '#engine/step.js';
import type { Model } from '#models/model.js';
import { lengthBatches } from './length-batches.js';
import { batchTensors, type EncodedExample } from './encode-examples.js';
import { pooled } from './pooled.js';
import { Warm } from './warm.js';

type States = WeakMap<EncodedExample, Float32Array>;

const warm = new Warm<States>(2, () => 1);
const rowsAtOnce = 64;

/** Computes what is not known yet. Rests between batches. */
export async function* poolExamples(model: Model, examples: readonly EncodedExample[]): AsyncGenerator<void, void> {
  const states = warm.get(model.hash) ?? warm.keep(model.hash, new WeakMap());
  const missing = [...new Set(examples)].filter((e) => !states.has(e));
  if (missing.length === 0) return;
  const step = new Step(`pool ${model.hash.slice(0, 8)}`, ({ frozen, batch }) => ({ state: {}, outputs: { pooled: inLanes(batch, 1, (part) => pooled(model, frozen, {}, part)) } }), { xla: false }); // prettier-ignore
  try {
    for (const indices of lengthBatches(missing, rowsAtOnce)) {
      const rows = indices.map((i) => missing[i]!);
      const batch: Tensors = batchTensors(rows, model.tokenizer.padId);
      const { outputs } = step.run({ frozen: model.weights as Tensors, constants: {}, state: {}, batch, scalars: {} });
      const values = outputs['pooled']!.dataSync() as Float32Array;
      tf.dispose([outputs, batch]);
      const width = values.length / rows.length;
      rows.forEach((row, r) => states.set(row, values.slice(r * width, (r + 1) * width)));
      yield;
    }
  } finally {
    step.dispose();
  }
}

/** [N, D] of examples that poolExamples has seen; the caller owns it. */
export function pooledTensors(modelHash: string, rows: readonly EncodedExample[]): tf.Tensor2D {
  const states = warm.get(modelHash);
  const values = rows.map((row) => states?.get(row));
  const width = values[0]?.length ?? 0;
  const flat = new Float32Array(rows.length * width);
  values.forEach((v, i) => {
    if (!v) throw new Error('an example was not pooled before it was asked for');
    flat.set(v, i * width);
  });
  return tf.tensor2d(flat, [rows.length, width]);
}
