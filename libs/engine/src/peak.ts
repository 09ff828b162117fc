import * as tf from '@tensorflow/tfjs';

/** The machine's measured float32 matrix product, GFLOP/s: the best of several 1024 x 1024 x 1024 products on the running backend. */
export function matmulPeak(repeats = 12): number {
  const n = 1024;
  const [a, b] = [tf.randomUniform<tf.Rank.R2>([n, n]), tf.randomUniform<tf.Rank.R2>([n, n])];
  let best = Infinity;
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    const c = tf.matMul(a, b);
    const corner = tf.slice(c, [0, 0], [1, 1]);
    corner.dataSync(); // waits for the product
    best = Math.min(best, performance.now() - start);
    tf.dispose([c, corner]);
  }
  tf.dispose([a, b]);
  return (2 * n ** 3) / best / 1e6;
}
