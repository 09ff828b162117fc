import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '#contracts/optimizer.js';
import { isVariable } from './in-place.js';
import { startEngine } from '../native/start.js';
import { Step, type StepArguments } from '../step/step.js';
import { optimizerRule } from './optimizer.js';

type Values = { matrix: number[] };
const references = JSON.parse(readFileSync(join(__dirname, 'fixtures', 'optimizers.json'), 'utf8')) as {
  adamw: { start: Values; gradients: Values[]; after: Values[] };
};

const repeats = 2 ** 14; // of the reference's 12 values: enough to be worth ops of its own

const tiled = ({ matrix }: Values): tf.Tensor =>
  tf.tidy(() => tf.reshape(tf.tile(tf.tensor1d(matrix), [repeats]), [1, repeats, 12]));

/** Steps of AdamW in variables; `changed`: whether the parameter that the rule gives was changed where it
 *  stood. */
function moving(config: object) {
  const rule = optimizerRule(AdamW.parse({ name: 'adamw', learningRate: 0.01, ...config }));
  const seen = { changed: false };
  const step = new Step(
    'adamw in place',
    ({ state, batch, scalars }: StepArguments) => {
      const gradients = { w: batch['gradient']! };
      const next = rule.update(
        { w: state['w']! },
        gradients,
        state,
        scalars['rate'] as tf.Tensor1D,
        scalars['step'] as tf.Scalar,
      );
      seen.changed = isVariable(next.parameters['w']!);
      return {
        state: { ...next.parameters, ...next.state },
        outputs: { was: tf.slice(state['w']!, [0, 0, 0], [1, 1, 12]) },
      };
    },
    { xla: false },
  );
  const args = (n: number, gradient: tf.Tensor, state: StepArguments['state']): StepArguments => ({
    frozen: {},
    constants: {},
    state,
    batch: { gradient },
    scalars: { rate: tf.tensor1d([0.01]), step: tf.scalar(n) },
  });
  const start = (w: tf.Tensor): StepArguments['state'] => ({ w, ...rule.init({ w }) });
  return { step, args, start, seen };
}

const largestGap = (a: tf.Tensor, b: tf.Tensor): number =>
  tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!);

describe('AdamW on variables', () => {
  beforeAll(async () => {
    await startEngine({ threads: 2, device: 'cpu' });
  });

  it('moves every value as torch does', () => {
    const { start, gradients, after } = references.adamw;
    const { step, args, start: begun, seen } = moving({ weightDecay: 0.1 });
    const state = begun(tiled(start));
    gradients.forEach((gradient, i) => {
      const outputs = step.advance(args(i + 1, tiled(gradient), state));
      expect(largestGap(state['w']!, tiled(after[i]!))).toBeLessThan(2e-6);
      expect(
        largestGap(outputs['was']!, tf.reshape(tf.tensor1d((after[i - 1] ?? start).matrix), [1, 1, 12])),
      ).toBeLessThan(2e-6);
    });
    expect(seen.changed).toBe(true);
    step.dispose();
  });

  it.each([0, 0.3])(
    'moves without variables as in them (weight decay %d), and leaves what others hold of the old values',
    (weightDecay) => {
      const { step, args, start } = moving({ weightDecay });
      const w = tf.randomNormal([1, repeats, 12], 0, 1, 'float32', 1);
      // so small that epsilon matters
      const gradient = tf.mul(tf.randomNormal([1, repeats, 12], 0, 1, 'float32', 2), 1e-8);
      const inPlace = start(tf.clone(w));
      let returned = start(tf.clone(w));
      for (let n = 1; n <= 4; n++) {
        const before = Object.values(inPlace).map((t) => tf.clone(t));
        const values = before.map((t) => t.dataSync());
        tf.dispose(step.advance(args(n, gradient, inPlace)));
        before.forEach((t, i) => expect(t.dataSync()).toEqual(values[i]));
        returned = step.run(args(n, gradient, returned)).state;
        for (const [name, t] of Object.entries(returned))
          expect(largestGap(inPlace[name]!, t)).toBeLessThan(3e-6);
      }
      expect(largestGap(inPlace['w']!, w)).toBeGreaterThan(1e-3);
      step.dispose();
    },
  );
});
