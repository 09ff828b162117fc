import * as tf from '@tensorflow/tfjs';
import { inLanes } from '#engine/step/lanes.js';
import { Step, type Tensors } from '#engine/step/step.js';
import type { Model } from '#models/model.js';
import { lengthBatches } from '../rows/length-batches.js';
import { type Row, tokenTensors } from '../rows/row.js';

export interface FrozenWork {
  name: string;
  model: Model;
  decoder?: boolean; // an encoder-decoder's decoder is asked too
  longest: number; // tokens of a row, at most
  /** [N, ...] of a batch of N examples, or of a lane of one; `weights`: those that the model's encode()
   *  reads. */
  compute(weights: Tensors, batch: Tensors): tf.Tensor;
  /** Is given a row's part of what was computed, padded as its batch is: a view that is to be copied. */
  keep(row: Row, part: Float32Array): unknown;
}

const rowsAtOnce = 64;

/** One pass over rows of what a frozen model encodes with. Rests between batches. */
export async function* eachRow(work: FrozenWork, rows: readonly Row[]): AsyncGenerator<void, void> {
  if (rows.length === 0) return;
  const { name, model, longest, compute, keep } = work;
  const frozen = (work.decoder ? model.weights : model.encoderWeights) as Tensors;
  const rowsOf = (frozen: Tensors, batch: Tensors) => inLanes(batch, 1, (part) => compute(frozen, part));
  const step = new Step(
    name,
    ({ frozen, batch }) => ({ state: {}, outputs: { rows: rowsOf(frozen, batch) } }),
    {
      xla: false,
      precision: model.precision,
    },
  );
  try {
    for (const indices of lengthBatches(rows, rowsAtOnce)) {
      const own = indices.map((i) => rows[i]!);
      const batch: Tensors = { ...tokenTensors(own, model.tokenizer.padId, longest) };
      const { outputs } = step.run({ frozen, constants: {}, state: {}, batch, scalars: {} });
      const values = outputs['rows']!.dataSync() as Float32Array;
      tf.dispose([outputs, batch]);
      const width = values.length / own.length;
      own.forEach((row, r) => keep(row, values.subarray(r * width, (r + 1) * width)));
      yield;
    }
  } finally {
    step.dispose();
  }
}
