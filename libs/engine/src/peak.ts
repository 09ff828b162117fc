import * as tf from '@tensorflow/tfjs';
import type { Precision } from '#contracts/precision.js';
import { keptNarrow } from './ops/kept-narrow.js';
import { multiplied } from './ops/product.js';
import { inLanes } from './step/lanes.js';
import { Step } from './step/step.js';

/** The machine's measured matrix product, GFLOP/s: the best of several 1024 x 1024 x 1024 products on the
 *  running backend, all lanes at once. In bfloat16 both factors lie in memory so. */
export function matmulPeak(precision: Precision = 'float32', repeats = 12): number {
  const n = 1024;
  const [weight, x] = [1, 2].map((seed) => square(n, seed, precision)) as [tf.Tensor, tf.Tensor];
  const step = new Step(
    `peak ${precision}`,
    ({ frozen, batch }) => {
      const product = inLanes(batch, 1, (part) => multiplied(part['x']!, frozen['weight']!, false, false));
      return { state: {}, outputs: { corner: tf.slice(product, [0, 0], [1, 1]) } };
    },
    { xla: false, precision },
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

function square(n: number, seed: number, precision: Precision): tf.Tensor {
  const wide = tf.randomUniform([n, n], 0, 1, 'float32', seed);
  if (precision === 'float32') return wide;
  const narrow = keptNarrow(wide.dataSync() as Float32Array, wide.shape);
  wide.dispose();
  return narrow;
}
