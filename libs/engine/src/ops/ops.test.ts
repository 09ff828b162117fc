import * as tf from '@tensorflow/tfjs';
import { startEngine } from '../start.js';
import { attention } from './attention.js';
import { embedding } from './embedding.js';
import { geglu, gelu } from './gelu.js';
import { layerNorm, rmsNorm } from './layer-norm.js';
import { linear } from './linear.js';
import { softmaxCrossEntropy } from './softmax-cross-entropy.js';

const random = (shape: number[], seed: number) => tf.randomUniform(shape, -1, 1, 'float32', seed);
const ids = () => tf.tensor2d([1, 2, 1, 4], [2, 2], 'int32');
const mask = () => tf.tensor2d([1, 1, 1, 0, 1, 0, 0, 0], [2, 4]);

/** name -> inputs and the op; every input is differentiated. */
const cases: Record<string, [() => tf.Tensor[], (...xs: tf.Tensor[]) => tf.Tensor]> = {
  linear: [() => [random([2, 3, 4], 1), random([4, 5], 2), random([5], 3)], (x, w, b) => linear(x, w, b, { transposed: false })],
  'linear, transposed': [() => [random([3, 4], 1), random([5, 4], 2)], (x, w) => linear(x, w, null, { transposed: true })],
  embedding: [() => [random([6, 3], 1)], (table) => embedding(table as tf.Tensor2D, ids())],
  layerNorm: [() => [random([3, 5], 1), random([5], 2), random([5], 3)], (x, g, b) => layerNorm(x, g, b, 1e-5)],
  rmsNorm: [() => [random([3, 5], 1), random([5], 2)], (x, g) => rmsNorm(x, g, 1e-6)],
  'gelu by erf': [() => [random([3, 5], 1)], (x) => gelu(x, 'erf')],
  'gelu by tanh': [() => [random([3, 5], 1)], (x) => gelu(x, 'tanh')],
  geglu: [() => [random([3, 5], 1), random([3, 5], 2)], (a, b) => geglu(a, b)],
  'softmax cross-entropy': [
    () => [random([4, 5], 1)],
    (logits) => softmaxCrossEntropy(logits as tf.Tensor2D, tf.tensor1d([0, 4, -100, 2], 'int32')),
  ],
  'attention, masked and biased': [
    () => [random([2, 2, 3, 4], 1), random([2, 2, 4, 4], 2), random([2, 2, 4, 4], 3), random([1, 2, 3, 4], 4)],
    (q, k, v, bias) => attention(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, { scale: 0.5, mask: mask(), bias: bias! }),
  ],
  'attention, causal': [
    () => [random([1, 2, 3, 4], 1), random([1, 2, 3, 4], 2), random([1, 2, 3, 4], 3)],
    (q, k, v) => attention(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, { scale: 0.5, causal: true }),
  ],
};

/** Values of the op and of its gradients for a fixed random direction. */
function evaluate([make, op]: (typeof cases)[string]): {
  value: number[];
  gradients: number[][];
  loss: (xs: tf.Tensor[]) => number;
  xs: tf.Tensor[];
} {
  const xs = make();
  const y = op(...xs);
  const direction = random(y.shape, 77);
  const gradients = tf
    .grads((...a) => tf.sum(tf.mul(op(...a), direction)))(xs)
    .map((g) => Array.from(g.dataSync()));
  const loss = (moved: tf.Tensor[]) => tf.sum(tf.mul(op(...moved), direction)).dataSync()[0]!;
  return { value: Array.from(y.dataSync()), gradients, loss, xs };
}

describe.each(Object.keys(cases))('%s', (name) => {
  const c = cases[name]!;

  it('has the gradient that finite differences give', async () => {
    await tf.setBackend('cpu');
    const { gradients, loss, xs } = evaluate(c);
    const h = 1e-2;
    xs.forEach((x, k) => {
      const values = Float32Array.from(x.dataSync());
      for (let i = 0; i < values.length; i++) {
        const moved = (by: number) => {
          const copy = values.slice();
          copy[i]! += by;
          return loss(xs.map((original, j) => (j === k ? tf.tensor(copy, x.shape) : original)));
        };
        const difference = (moved(h) - moved(-h)) / (2 * h);
        expect(Math.abs(difference - gradients[k]![i]!)).toBeLessThan(0.01 * (1 + Math.abs(difference)));
      }
    });
  });

  it('is the same on the native library', async () => {
    await tf.setBackend('cpu');
    const reference = evaluate(c);
    await startEngine({ threads: 2, device: 'cpu' });
    await tf.setBackend('tensorflow');
    const native = evaluate(c);
    native.value.forEach((v, i) => expect(v).toBeCloseTo(reference.value[i]!, 4));
    native.gradients.forEach((g, k) => g.forEach((v, i) => expect(v).toBeCloseTo(reference.gradients[k]![i]!, 4)));
  });
});

describe('attention', () => {
  it('stays finite where every key is masked', async () => {
    await tf.setBackend('cpu');
    const q = random([1, 1, 2, 4], 1) as tf.Tensor4D;
    const y = attention(q, q, q, { scale: 0.5, mask: tf.zeros([1, 2]) });
    expect(Array.from(y.dataSync()).every(Number.isFinite)).toBe(true);
  });
});

describe('a frozen input', () => {
  it('gets no gradient computed', async () => {
    await tf.setBackend('cpu');
    const [x, w] = [random([2, 3], 1), random([3, 4], 2)];
    const products = await tf.profile(() => tf.grad((a: tf.Tensor) => tf.sum(linear(a, w, null, { transposed: false })))(x));
    expect(products.kernels.filter((k) => k.name === 'BatchMatMul')).toHaveLength(2); // forward, and for x alone
  });
});
