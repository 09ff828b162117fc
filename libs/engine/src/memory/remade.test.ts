import * as tf from '@tensorflow/tfjs';
import { valueAndGradients } from '../step/gradients.js';
import { linear } from '../ops/linear.js';
import { madeFor, remade } from './remade.js';
import { startEngine } from '../native/start.js';
import { Step } from '../step/step.js';

beforeAll(() => startEngine({ threads: 2, device: 'cpu' }));

/** The gradient of sum((x W W)^2) for x, W = codes / 2, and how often W was made. */
function gradientStep(xla: boolean) {
  let made = 0;
  const step = new Step(
    'remade',
    ({ frozen, state }) => {
      const w = remade(() => {
        made++;
        return tf.mul(frozen['codes']!, 0.5) as tf.Tensor2D;
      });
      const loss = () => {
        const once = linear(state['x']!, w, null, { transposed: true });
        return { loss: tf.sum(tf.square(linear(once, w, null, { transposed: true }))) as tf.Scalar, aux: {} };
      };
      return { state: valueAndGradients(loss, state).gradients, outputs: {} };
    },
    { xla },
  );
  return { step, made: () => made };
}

it.each([
  [false, 5], // one that nobody reads, and one for each product: two forward, two back
  [true, 1],
])('makes a matrix for every product of a step (xla: %s): %i times', (xla, times) => {
  const { step, made } = gradientStep(xla);
  const args = {
    frozen: { codes: tf.randomNormal([6, 6], 0, 1, 'float32', 1) },
    constants: {},
    state: { x: tf.randomNormal([4, 6], 0, 1, 'float32', 2) },
    batch: {},
    scalars: {},
  };
  const traced = step.run(args).state['x']!;
  expect(made()).toBe(times);
  const eager = step.runEagerly(args).state['x']!;
  expect(made()).toBe(times + 1);
  expect(tf.max(tf.abs(tf.sub(traced, eager))).dataSync()[0]).toBeLessThan(1e-5);
  expect(tf.max(tf.abs(eager)).dataSync()[0]).toBeGreaterThan(0.1);
  step.dispose();
});

it('gives any other matrix back', () => {
  const w = tf.ones([2, 2]) as tf.Tensor2D;
  expect(madeFor(tf.ones([1, 2]), w)).toBe(w);
  tf.dispose(w);
});
