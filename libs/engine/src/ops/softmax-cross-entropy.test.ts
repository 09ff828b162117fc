import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { startEngine } from '../native/start.js';
import { softmaxCrossEntropy } from './softmax-cross-entropy.js';

interface Case {
  smoothing: number;
  shape: [number, number];
  logits: number[];
  labels: number[];
  weights: number[];
  losses: number[];
  gradients: number[];
}

const cases = JSON.parse(readFileSync(join(__dirname, 'fixtures/smoothing.json'), 'utf8')) as Case[];
const closeTo = (found: tf.Tensor, expected: readonly number[]) =>
  Array.from(found.dataSync()).forEach((value, i) =>
    expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5 * (1 + Math.abs(expected[i]!))),
  );

beforeAll(() => startEngine({ threads: 2, device: 'cpu' }));

describe.each(['cpu', 'tensorflow'])('smoothed labels on the %s backend', (backend) => {
  beforeAll(() => tf.setBackend(backend));

  it.each(cases)("have torch's losses and gradients: $smoothing of $shape", (c) => {
    const logits = tf.tensor2d(c.logits, c.shape);
    const labels = tf.tensor1d(c.labels, 'int32');
    const losses = (x: tf.Tensor) => softmaxCrossEntropy(x as tf.Tensor2D, labels, c.smoothing);
    closeTo(losses(logits), c.losses);
    closeTo(tf.grad((x: tf.Tensor) => tf.sum(tf.mul(losses(x), c.weights)))(logits), c.gradients);
  });

  it('give no share to classes out of reach, as if those were not there', () => {
    const [own, labels] = [[0.3, -1.2, 2], tf.tensor1d([2], 'int32')];
    const all = softmaxCrossEntropy(tf.tensor2d([[...own, -1e9, -1e9]]), labels, 0.2);
    closeTo(all, Array.from(softmaxCrossEntropy(tf.tensor2d([own]), labels, 0.2).dataSync()));
  });
});
