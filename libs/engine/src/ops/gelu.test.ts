import * as tf from '@tensorflow/tfjs';
import { nativeBackend } from '../native/backend.js';
import { startEngine } from '../native/start.js';
import { Step, type Tensors } from '../step/step.js';
import { valueAndGradients } from '../step/gradients.js';
import { random } from './cases.js';
import { narrowed as rounded } from './fixtures/doubles.js';
import { gated, gelu, silu } from './gelu.js';
import { narrowed } from './kept-narrow.js';

beforeAll(() => startEngine({ threads: 2, device: 'cpu' }));

const u = 2 ** -8; // relative error of rounding to bfloat16

/** The normal distribution function, by its series. */
function normal(x: number): number {
  let [term, sum] = [x, x];
  for (let k = 1; k < 100; k++) sum += term *= (x * x) / (2 * k + 1);
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

/** The curves in float64, by their papers' formulas. */
const curves = {
  erf: (x: number) => x * normal(x),
  tanh: (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  silu: (x: number) => x / (1 + Math.exp(-x)),
};
const slopeOf = (f: (x: number) => number, x: number) => (f(x + 1e-5) - f(x - 1e-5)) / 2e-5;

/** y = op(inputs) and the gradients of sum(y dy), in a compiled step in bfloat16. */
function computed(op: (xs: Tensors) => tf.Tensor, inputs: Tensors, dy: tf.Tensor) {
  const fn = ({ state, batch }: { state: Tensors; batch: Tensors }) => {
    let y!: tf.Tensor;
    const compute = () => {
      y = op(state);
      return { loss: tf.sum(tf.mul(y, batch['dy']!)) as tf.Scalar, aux: { y } };
    };
    const { aux, gradients } = valueAndGradients(compute, state);
    return { state: gradients, outputs: aux };
  };
  const step = new Step('curve', fn, { xla: false, precision: 'bfloat16' });
  const { outputs, state } = step.run({
    frozen: {},
    constants: {},
    state: inputs,
    batch: { dy },
    scalars: {},
  });
  step.dispose();
  const values = (t: tf.Tensor) => Array.from(t.dataSync());
  return { y: values(outputs['y']!), gradients: Object.values(state).map(values) };
}

/** Every |found - exact| <= bound (|exact| + 1), of values by the hundred thousand. */
function expectClose(found: readonly number[], exact: readonly number[], bound: number): void {
  expect(found).toHaveLength(exact.length);
  const gaps = exact.map((e, i) => Math.abs(found[i]! - e) / (Math.abs(e) + 1));
  expect(gaps.reduce((most, gap) => Math.max(most, gap), 0)).toBeLessThanOrEqual(bound);
}

const scaled = (shape: number[], seed: number) => tf.mul(random(shape, seed), 3);

// Large ones are fused into one loop, small ones are not.
describe.each([{ shape: [7, 9] }, { shape: [600, 512] }])('in bfloat16, of $shape', ({ shape }) => {
  const [x, b, dy] = [scaled(shape, 1), scaled(shape, 2), scaled(shape, 3)];
  const [xs, bs, ds] = [x, b, dy].map((t) => Array.from(t.dataSync())) as [number[], number[], number[]];

  it.each(['erf', 'tanh', 'silu'] as const)(
    '%s and its gradient are within the rounding of x and y',
    (kind) => {
      const op = ({ x }: Tensors) => (kind === 'silu' ? silu(x!) : gelu(x!, kind));
      const { y, gradients } = computed(op, { x }, dy);
      expectClose(y, xs.map(curves[kind]), 2 * u);
      const slopes = xs.map((x, i) => ds[i]! * slopeOf(curves[kind], rounded(x)));
      expectClose(gradients[0]!, slopes, 2 * u);
    },
  );

  it.each(['tanh', 'silu'] as const)('a gate of %s and its gradients are, too', (kind) => {
    const f = curves[kind];
    const { y, gradients } = computed(({ a, b }) => gated(a!, b!, kind), { a: x, b }, dy);
    expectClose(
      y,
      xs.map((a, i) => f(a) * bs[i]!),
      4 * u,
    );
    expectClose(
      gradients[0]!,
      xs.map((a, i) => ds[i]! * bs[i]! * slopeOf(f, a)),
      8 * u,
    );
    expectClose(
      gradients[1]!,
      xs.map((a, i) => ds[i]! * f(a)),
      4 * u,
    );
  });
});

it('keeps what lies between two products in bfloat16, and in a step in float32 nothing', () => {
  const stored = (precision: 'float32' | 'bfloat16') => {
    let narrow: boolean[] = [];
    const step = new Step(
      'stored',
      ({ batch }) => {
        const [a, b] = [batch['a']!, batch['b']!];
        const made = [gelu(a, 'erf'), silu(a), gated(a, b, 'tanh'), narrowed(a)];
        narrow = made.map((t) => nativeBackend().isNarrow(t));
        return { state: {}, outputs: { y: tf.addN(made) } };
      },
      { xla: false, precision },
    );
    const batch = { a: random([3, 5], 1), b: random([3, 5], 2) };
    step.run({ frozen: {}, constants: {}, state: {}, batch, scalars: {} });
    step.dispose();
    return narrow;
  };
  expect(stored('bfloat16')).toEqual([true, true, true, true]);
  expect(stored('float32')).toEqual([false, false, false, false]);
});

it('widens on the way back anew what the way forward has kept, once, beside what is there by then', () => {
  let [forward, back, again, late] = [0, 0, 0, false];
  const step = new Step(
    'widened',
    ({ batch }) => {
      const { native } = nativeBackend();
      const idOf = (t: tf.Tensor) => nativeBackend().ids([t])[0]!;
      const kept = narrowed(batch['a']!);
      const y = tf.mul(kept, batch['b']!);
      forward = native.tracer!.widenedBeside(idOf(kept), [idOf(kept), idOf(batch['b']!)]);
      native.tracer!.turn();
      const dy = tf.mul(y, 2);
      const inputs = [idOf(dy), idOf(kept)];
      back = native.tracer!.widenedBeside(idOf(kept), inputs);
      again = native.tracer!.widenedBeside(idOf(kept), inputs);
      late = back > idOf(dy);
      return { state: {}, outputs: { y: tf.mul(dy, kept) } };
    },
    { xla: false, precision: 'bfloat16' },
  );
  const [a, b] = [random([3, 5], 1), random([3, 5], 2)];
  const { outputs } = step.run({ frozen: {}, constants: {}, state: {}, batch: { a, b }, scalars: {} });
  expect(back).not.toBe(forward);
  expect(again).toBe(back);
  expect(late).toBe(true);
  const [as, bs] = [a.dataSync(), b.dataSync()];
  outputs['y']!.dataSync().forEach((y, i) => expect(y).toBeCloseTo(2 * rounded(as[i]!) ** 2 * bs[i]!, 5));
  step.dispose();
});
