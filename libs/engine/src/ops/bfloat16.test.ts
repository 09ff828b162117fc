import * as tf from '@tensorflow/tfjs';
import { HostRandom } from '../host-random.js';
import { startEngine } from '../native/start.js';
import { inPrecision } from '../native/precision.js';
import { Step, type Tensors } from '../step/step.js';
import { valueAndGradients } from '../step/gradients.js';
import { attention } from './attention.js';
import { random } from './cases.js';
import { embedding } from './embedding.js';
import { keptNarrow, narrowed as narrowedTensor } from './kept-narrow.js';
import { batchedLinear, linear } from './linear.js';
import { attentionInDoubles, narrowed, productInDoubles, transposed } from './fixtures/doubles.js';
import { product } from './product.js';

beforeAll(() => startEngine({ threads: 2, device: 'cpu' }));

const u = 2 ** -8; // relative error of rounding to bfloat16
const values = (t: tf.Tensor) => Array.from(t.dataSync());
const largest = (xs: readonly number[]) => Math.max(...xs.map(Math.abs));

/** y = op(inputs) and the gradients of sum(y * direction), in a compiled step or op by op. */
function computed(
  op: (xs: Tensors) => tf.Tensor,
  inputs: Tensors,
  how: 'compiled' | 'eager',
  direction?: tf.Tensor,
) {
  const fn = ({ state, batch }: { state: Tensors; batch: Tensors }) => {
    let y!: tf.Tensor;
    const compute = () => {
      y = op(state);
      return { loss: tf.sum(tf.mul(y, batch['direction'] ?? 1)) as tf.Scalar, aux: { y } };
    };
    const { aux, gradients } = valueAndGradients(compute, state);
    return { state: gradients, outputs: aux };
  };
  const step = new Step('op', fn, { xla: false, precision: 'bfloat16' });
  const args = {
    frozen: {},
    constants: {},
    state: inputs,
    batch: direction ? { direction } : {},
    scalars: {},
  };
  const { outputs, state } = how === 'compiled' ? step.run(args) : step.runEagerly(args);
  step.dispose();
  return {
    y: values(outputs['y']!),
    gradients: Object.fromEntries(Object.entries(state).map(([n, t]) => [n, values(t)])),
  };
}

/** |found - exact| <= 2 u sum |a b| + u |exact|: both operands and the product were rounded once, and the sum
 *  was not. */
function expectProduct(found: readonly number[], a: number[][], b: number[][]): void {
  const exact = productInDoubles(a, b).flat();
  const sums = productInDoubles(
    a.map((r) => r.map(Math.abs)),
    b.map((r) => r.map(Math.abs)),
  ).flat();
  expect(found).toHaveLength(exact.length);
  exact.forEach((y, i) =>
    expect(Math.abs(found[i]! - y)).toBeLessThanOrEqual((2 * u + u ** 2) * sums[i]! + u * Math.abs(y) + 1e-6),
  );
}

const matrix = (t: tf.Tensor) => (t as tf.Tensor2D).arraySync();

describe.each(['compiled', 'eager'] as const)('in bfloat16, %s', (how) => {
  it.each([false, true])(
    'a linear map and its gradients are within the rounding of what they read (transposed: %s)',
    (flip) => {
      const [x, w, dy] = [random([70, 96], 1), random(flip ? [40, 96] : [96, 40], 2), random([70, 40], 3)];
      const { y, gradients } = computed(
        ({ x, w }) => linear(x!, w!, null, { transposed: flip }),
        { x, w },
        how,
        dy,
      );
      const weight = flip ? transposed(matrix(w)) : matrix(w);
      expectProduct(y, matrix(x), weight);
      expectProduct(gradients['x']!, matrix(dy), transposed(weight));
      if (flip) expectProduct(gradients['w']!, transposed(matrix(dy)), matrix(x));
      else expectProduct(gradients['w']!, transposed(matrix(x)), matrix(dy));
    },
  );

  it('maps of members are, too', () => {
    const [x, w, dy] = [random([2, 9, 16], 1), random([2, 16, 5], 2), random([2, 9, 5], 3)] as tf.Tensor3D[];
    const { y, gradients } = computed(
      ({ x, w }) => batchedLinear(x as tf.Tensor3D, w as tf.Tensor3D),
      { x: x!, w: w! },
      how,
      dy,
    );
    const each = [0, 1].map((g) => [x, w, dy].map((t) => (t!.arraySync() as number[][][])[g]!));
    const part = (all: number[], g: number) => all.slice((g * all.length) / 2, ((g + 1) * all.length) / 2);
    for (const [g, [x, w, dy]] of each.entries()) {
      expectProduct(part(y, g), x!, w!);
      expectProduct(part(gradients['x']!, g), dy!, transposed(w!));
      expectProduct(part(gradients['w']!, g), transposed(x!), dy!);
    }
  });

  it('a long sum is added up in float32: no more is lost than the product rounds', () => {
    const [x, w] = [random([2, 8192], 1), random([8192, 2], 2)];
    const { y } = computed(({ x, w }) => linear(x!, w!, null, { transposed: false }), { x, w }, how);
    const rows = (t: tf.Tensor) => matrix(t).map((row) => row.map(narrowed));
    const exact = productInDoubles(rows(x), rows(w)).flat();
    exact.forEach((e, i) => expect(Math.abs(y[i]! - e)).toBeLessThanOrEqual(u * Math.abs(e) + 1e-3));
  });

  it.each([
    [
      'masked and biased',
      {
        mask: [
          [1, 1, 1, 0, 1],
          [1, 0, 1, 1, 0],
        ],
        biased: true,
        causal: false,
      },
    ],
    ['causal', { mask: undefined, biased: false, causal: true }],
  ])(
    'attention, %s, and its gradients are within 2 % of the largest value',
    (_name, { mask, biased, causal }) => {
      const [n, h, t, s, d] = [2, 2, causal ? 5 : 4, 5, 8];
      const bias = random([1, h, t, s], 4);
      const inputs = {
        q: random([n, h, t, d], 1),
        k: random([n, h, s, d], 2),
        v: random([n, h, s, d], 3),
        ...(biased && { bias }),
      };
      const options = { scale: d ** -0.5, causal, ...(mask && { mask: tf.tensor2d(mask) }) };
      const dy = random([n, h, t, d], 5);
      const op = ({ q, k, v, bias }: Tensors) => {
        const masked = { ...options, ...(mask && { mask: tf.tensor2d(mask) }), ...(bias && { bias }) };
        return attention(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, masked);
      };
      const found = computed(op, inputs, how, dy);
      const array = (t: tf.Tensor) => t.arraySync() as number[][][][];
      const exact = attentionInDoubles(
        {
          q: array(inputs.q),
          k: array(inputs.k),
          v: array(inputs.v),
          dy: array(dy),
          ...(biased && { bias: array(bias) }),
        },
        { scale: options.scale, causal, mask },
      );
      const close = (a: readonly number[], b: readonly number[]) => {
        expect(a).toHaveLength(b.length);
        expect(largest(a.map((v, i) => v - b[i]!))).toBeLessThan(0.02 * largest(b));
      };
      close(found.y, exact.y);
      for (const [name, gradient] of Object.entries(exact.gradients)) close(found.gradients[name]!, gradient);
    },
  );

  it('tf.matMul stays in float32, and so do its gradients', () => {
    const [x, w, dy] = [random([6, 30], 1), random([4, 30], 2), random([6, 4], 3)];
    const op = ({ x, w }: Tensors) => tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D, false, true);
    const { y, gradients } = computed(op, { x, w }, how, dy);
    const gap = (found: readonly number[], exact: number[][]) =>
      largest(found.map((v, i) => v - exact.flat()[i]!));
    expect(gap(y, productInDoubles(matrix(x), transposed(matrix(w))))).toBeLessThan(1e-5);
    expect(gap(gradients['x']!, productInDoubles(matrix(dy), matrix(w)))).toBeLessThan(1e-5);
    expect(gap(gradients['w']!, productInDoubles(transposed(matrix(dy)), matrix(x)))).toBeLessThan(1e-5);
  });
});

describe('a weight kept in bfloat16', () => {
  const given = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i) * 3);

  it('reads as its values rounded to the nearest, half of ties to even', () => {
    const ties = Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8, -1 - 2 ** -8, 1e30, 0);
    expect(values(keptNarrow(ties, [5]))).toEqual([1, 1 + 2 ** -6, -1, narrowed(1e30), 0]);
    expect(values(keptNarrow(given, [4, 6]))).toEqual(Array.from(given, narrowed));
    const edges = Float32Array.of(3.4e38, -3.4028235e38, -0, 2 ** -126, Infinity, Number.NaN);
    expect(values(keptNarrow(edges, [6]))).toEqual([...Array.from(edges, narrowed).slice(0, 5), Number.NaN]);
  });

  it('is rounded as the library itself rounds', () => {
    const random = new HostRandom(7, 'bits');
    const bits = Uint32Array.from({ length: 4096 }, () => random.nextUint32());
    const numbers = new Float32Array(bits.buffer).filter((v) => Math.abs(v) >= 2 ** -126);
    const cast = tf.tidy(() => inPrecision('bfloat16', () => narrowedTensor(tf.tensor1d(numbers))));
    expect(values(keptNarrow(numbers, [numbers.length]))).toEqual(values(cast));
  });

  it('is a float32 to every op, moved and computed with, op by op and in a step', () => {
    const w = keptNarrow(given, [4, 6]) as tf.Tensor2D;
    const wide = tf.tensor2d(Array.from(given, narrowed), [4, 6]);
    const ops: Record<string, (w: tf.Tensor2D) => tf.Tensor> = {
      rows: (w) => embedding(w, tf.tensor2d([3, 0, 3, 1], [2, 2], 'int32')),
      sum: (w) => tf.add(tf.sum(tf.square(w), 1), 0.25),
      moved: (w) => tf.concat([tf.slice(tf.transpose(w), [1, 0], [4, 4]), tf.reshape(w, [6, 4])]),
      beside: (w) => tf.concat([w, tf.ones([1, 6])]),
      squeezed: (w) => tf.squeeze(tf.expandDims(tf.tile(w, [2, 1]), 0)),
      parts: (w) => tf.add(tf.stack(tf.unstack(w)), tf.concat(tf.split(w, 2, 1), 1)),
      product: (w) => tf.matMul(w, w, true),
      whole: (w) => tf.cast(tf.mul(w, 100), 'int32'),
      larger: (w) => tf.cast(tf.greater(w, 0.5), 'float32'),
    };
    const run = (w: tf.Tensor2D) => {
      const fn = ({ frozen }: { frozen: Tensors }) => ({
        state: {},
        outputs: Object.fromEntries(
          Object.entries(ops).map(([name, op]) => [name, op(frozen['w'] as tf.Tensor2D)]),
        ),
      });
      const step = new Step('reads', fn, { xla: false });
      const { outputs } = step.run({ frozen: { w }, constants: {}, state: {}, batch: {}, scalars: {} });
      return Object.fromEntries(Object.entries(outputs).map(([name, t]) => [name, values(t)]));
    };
    const exact = run(wide);
    expect(run(w)).toEqual(exact);
    for (const [name, op] of Object.entries(ops)) expect([name, values(op(w))]).toEqual([name, exact[name]]);
  });

  it('is read as it is by a product in bfloat16, to the same bits as one that was rounded there', () => {
    const [x, w] = [random([5, 4], 1) as tf.Tensor2D, keptNarrow(given, [4, 6]) as tf.Tensor2D];
    const wide = tf.tensor2d(Array.from(given, narrowed), [4, 6]);
    const multiply = (w: tf.Tensor2D) => values(inPrecision('bfloat16', () => product(x, w)));
    expect(multiply(w)).toEqual(multiply(wide));
    expect(multiply(w)).not.toEqual(values(tf.matMul(x, w)));
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    const w = keptNarrow(given, [4, 6]) as tf.Tensor2D;
    tf.tidy(() => inPrecision('bfloat16', () => tf.add(product(w, w, false, true), 1)).dataSync());
    w.dispose();
    expect(tf.memory().numTensors).toBe(before);
    const { native } = tf.backend() as unknown as { native: { getNumOfTensors(): number } };
    const tensors = native.getNumOfTensors();
    keptNarrow(given, [4, 6]).dispose();
    expect(native.getNumOfTensors()).toBe(tensors);
  });
});

it('needs the native library, and says so', async () => {
  tf.env().set('PROD', true);
  await tf.setBackend('cpu');
  const step = new Step('op', () => ({ state: {}, outputs: {} }), { precision: 'bfloat16' });
  expect(() => step.run({ frozen: {}, constants: {}, state: {}, batch: {}, scalars: {} })).toThrow(
    /bfloat16 need the native library/,
  );
  expect(() => keptNarrow(new Float32Array(1), [1])).toThrow(/need the native library/);
  await tf.setBackend('tensorflow');
});
