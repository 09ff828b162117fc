import * as tf from '@tensorflow/tfjs';
import { inLanes } from './step/lanes.js';
import { multiplied } from './ops/product.js';
import { Step } from './step/step.js';

/** The machine's measured float32 matrix product, GFLOP/s: the best of several 1024 x 1024 x 1024 products on the running backend,
 *  all lanes at once. */
export function matmulPeak(repeats = 12): number {
  const n = 1024;
  const weight = tf.randomUniform<tf.Rank.R2>([n, n]);
  const x = tf.randomUniform<tf.Rank.R2>([n, n]);
  const step = new Step(
    'peak',
    ({ frozen, batch }) => {
      const product = inLanes(batch, 1, (part) => multiplied(part['x']!, frozen['weight']!, false, false));
      return { state: {}, outputs: { product, corner: tf.slice(product, [0, 0], [1, 1]) } };
    },
    { xla: false },
  );
  let best = Infinity;
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    const { outputs } = step.run({ frozen: { weight }, constants: {}, state: {}, batch: { x }, scalars: {} });
    outputs['corner']!.dataSync(); // waits for the product
    best = Math.min(best, performance.now() - start);
    tf.dispose(outputs);
  }
  tf.dispose([weight, x]);
  step.dispose();
  return (2 * n ** 3) / best / 1e6;
}
