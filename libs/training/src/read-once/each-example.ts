import * as tf from '@tensorflow/tfjs';
import { inLanes } from '#engine/step/lanes.js';
import { Step, type Tensors } from '#engine/step/step.js';
import type { Model } from '#models/model.js';
import { batchTensors, type EncodedExample } from '../rows/encode-examples.js';
import { lengthBatches } from '../rows/length-batches.js';

export interface FrozenWork {
  name: string;
  model: Model;
  longest: number; // tokens of an example, at most
  /** [N, ...] of a batch of N examples, or of a lane of one; `weights`: those that the model's encode() reads. */
  compute(weights: Tensors, batch: Tensors): tf.Tensor;
  /** Is given an example's row of what was computed, padded as its batch is: a view that is to be copied. */
  keep(example: EncodedExample, row: Float32Array): unknown;
}

const rowsAtOnce = 64;

/** One pass over examples of what a frozen model encodes with. Rests between batches. */
export async function* eachExample(work: FrozenWork, examples: readonly EncodedExample[]): AsyncGenerator<void, void> {
  if (examples.length === 0) return;
  const { name, model, longest, compute, keep } = work;
  const rowsOf = (frozen: Tensors, batch: Tensors) => inLanes(batch, 1, (part) => compute(frozen, part));
  const step = new Step(name, ({ frozen, batch }) => ({ state: {}, outputs: { rows: rowsOf(frozen, batch) } }), { xla: false });
  try {
    for (const indices of lengthBatches(examples, rowsAtOnce)) {
      const own = indices.map((i) => examples[i]!);
      const batch = batchTensors(own, model.tokenizer.padId, longest);
      const { outputs } = step.run({ frozen: model.encoderWeights as Tensors, constants: {}, state: {}, batch, scalars: {} });
      const values = outputs['rows']!.dataSync() as Float32Array;
      tf.dispose([outputs, batch]);
      const width = values.length / own.length;
      own.forEach((example, r) => keep(example, values.subarray(r * width, (r + 1) * width)));
      yield;
    }
  } finally {
    step.dispose();
  }
}
