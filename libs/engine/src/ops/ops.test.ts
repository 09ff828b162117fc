import * as tf from '@tensorflow/tfjs';
import { startEngine } from '../native/start.js';
import { attention } from './attention.js';
import { evaluate, opCases, random } from './cases.js';
import { inParts, linear } from './linear.js';

tf.env().set('PROD', true); // else tfjs's JavaScript backend advertises the native one

describe.each(Object.keys(opCases))('%s', (name) => {
  const c = opCases[name]!;

  it('has the gradient that finite differences give', async () => {
    await tf.setBackend('cpu');
    const { gradients } = evaluate(c);
    const xs = c.inputs();
    const direction = random(c.op(...xs).shape, 77);
    const loss = (moved: tf.Tensor[]) => tf.sum(tf.mul(c.op(...moved), direction)).dataSync()[0]!;
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
    native.gradients.forEach((g, k) =>
      g.forEach((v, i) => expect(v).toBeCloseTo(reference.gradients[k]![i]!, 4)),
    );
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
    const products = await tf.profile(() =>
      tf.grad((a: tf.Tensor) => tf.sum(linear(a, w, null, { transposed: false })))(x),
    );
    // forward, and for x alone
    expect(products.kernels.filter((k) => k.name === 'BatchMatMul')).toHaveLength(2);
  });
});

it.each([1024, 1022, 1023])('a product in parts is the product: %i outputs', async (outputs) => {
  await startEngine({ threads: 2, device: 'cpu' });
  await tf.setBackend('tensorflow');
  const [x, weight, bias] = [random([3, 300], 1), random([outputs, 300], 2), random([outputs], 3)];
  const whole = linear(x, weight, bias, { transposed: true });
  const parted = inParts(2, () => linear(x, weight, bias, { transposed: true }));
  expect(parted.shape).toEqual([3, outputs]);
  expect(tf.max(tf.abs(tf.sub(whole, parted))).dataSync()[0]).toBeLessThan(1e-4);
});
