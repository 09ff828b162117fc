import * as tf from '@tensorflow/tfjs';
import { AdamW, Sgd } from '#contracts/optimizer.js';
import { fused } from './fused.js';
import { valueAndGradients } from '../step/gradients.js';
import { dropout } from '../ops/dropout.js';
import { embedding } from '../ops/embedding.js';
import { gelu } from '../ops/gelu.js';
import { optimizerRule } from '../optimizers/optimizer.js';
import { startEngine } from '../native/start.js';
import { Step, type StepArguments, type Tensors } from '../step/step.js';

const none = { frozen: {}, constants: {}, state: {}, batch: {}, scalars: {} };
const large = [1024, 1024];

/** What a step gives for x, op by op and traced. */
function both(fn: (x: tf.Tensor) => tf.Tensor, xla: boolean): [Float32Array, Float32Array] {
  const step = new Step('fused', ({ batch }) => ({ state: {}, outputs: { y: fn(batch['x']!) } }), { xla });
  const x = tf.randomNormal(large, 0, 1, 'float32', 3);
  const args: StepArguments = { ...none, batch: { x } };
  const [eager, traced] = [step.runEagerly(args), step.run(args)].map(({ outputs }) => {
    const values = outputs['y']!.dataSync() as Float32Array;
    tf.dispose(outputs);
    return values;
  });
  tf.dispose(x);
  step.dispose();
  return [eager!, traced!];
}

const furthest = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i]!)), 0);

describe('fused', () => {
  beforeAll(async () => {
    await startEngine({ threads: 2, device: 'cpu' });
  });

  const twice = (x: tf.Tensor, by: number) =>
    fused(`times ${by}`, { of: { x } }, ({ of }) => ({
      result: { y: tf.mul(of.x, by), z: tf.add(of.x, 1) },
      nothing: {},
    }));

  it.each([true, false])('computes what its ops compute, each function by its name (xla: %s)', (xla) => {
    const [eager, traced] = both(
      (x) => tf.addN([twice(x, 2).result.y, twice(x, 3).result.y, twice(x, 2).result.z]),
      xla,
    );
    expect(furthest(eager, traced)).toBeLessThan(1e-5);
    expect(eager[5]).not.toBe(0);
  });

  it.each(['erf', 'tanh'] as const)('gives GELU (%s) and its gradient', (kind) => {
    const [eager, traced] = both(
      (x) => tf.add(gelu(x, kind), tf.grad((v: tf.Tensor) => gelu(v, kind))(x)),
      false,
    );
    expect(furthest(eager, traced)).toBeLessThan(1e-5);
  });

  it('drops the same values, and lets gradients through the rest', () => {
    const dropped = (x: tf.Tensor) => dropout(x, 0.3, { seeds: tf.tensor2d([7, 1], [1, 2], 'int32') }, 5);
    const asOne = (x: tf.Tensor) => tf.reshape(x, [1, -1]);
    const [eager, traced] = both(
      (x) =>
        tf.add(
          dropped(asOne(x)),
          tf
            .grad((v: tf.Tensor) => dropped(asOne(v)))(x)
            .reshape([1, -1]),
        ),
      false,
    );
    expect(furthest(eager, traced)).toBeLessThan(1e-5);
    expect(eager.filter((v) => v === 0).length / eager.length).toBeCloseTo(0.3, 2);
  });

  it.each([AdamW.parse({ name: 'adamw', weightDecay: 0.1 }), Sgd.parse({ name: 'sgd' })])(
    'moves parameters as $name does',
    (config) => {
      const rule = optimizerRule(config);
      const [eager, traced] = both((x) => {
        const w = tf.mul(x, 2);
        const update = rule.update(
          { w },
          { w: x },
          { w, ...rule.init({ w }) },
          tf.tensor1d(new Array<number>(1024).fill(0.01)),
          tf.scalar(3),
        );
        return tf.addN([...Object.values(update.parameters), ...Object.values(update.state)]);
      }, false);
      expect(furthest(eager, traced)).toBeLessThan(1e-5);
    },
  );

  it('moves parameters of one shape each by its own gradient, in several loops', () => {
    const rule = optimizerRule(AdamW.parse({ name: 'adamw' }));
    const [eager, traced] = both((x) => {
      const parameters = { a: tf.mul(x, 2), b: tf.mul(x, 3), c: tf.mul(x, -1) };
      const gradients = { a: x, b: tf.neg(x), c: tf.square(x) };
      const rate = tf.tensor1d(new Array<number>(1024).fill(0.01));
      const next = rule.update(
        parameters,
        gradients,
        { ...parameters, ...rule.init(parameters) },
        rate,
        tf.scalar(2),
      );
      const { a, b, c } = next.parameters;
      const told = tf.addN([
        tf.mul(next.state['a.mean']!, 5),
        tf.mul(next.state['b.mean']!, 7),
        tf.mul(next.state['c.square']!, 11),
      ]);
      return tf.addN([a!, tf.mul(b!, 10), tf.mul(c!, 100), told]);
    }, false);
    expect(furthest(eager, traced)).toBeLessThan(1e-3);
  });

  it.each([AdamW.parse({ name: 'adamw', weightDecay: 0.1 }), Sgd.parse({ name: 'sgd', momentum: 0.9 })])(
    'moves the few rows of a table that were read, some of them twice, and all others as without a gradient ($name)',
    (config) => {
      const rule = optimizerRule(config);
      const [eager, traced] = both((x) => {
        const ids = tf.tensor1d([7, 3, 7, 1023, 0, 3, 7, 512], 'int32');
        const parameters = { table: tf.expandDims(x, 0), other: tf.expandDims(tf.mul(x, 2), 0) };
        const read = (table: tf.Tensor, of: tf.Tensor) =>
          tf.sum(tf.square(embedding(tf.squeeze(table, [0]), of as tf.Tensor1D)));
        const loss = ({ table, other }: Tensors) => {
          const lanes = [tf.slice(ids, 0, 3), tf.slice(ids, 3, 5)].map((of) => read(table!, of));
          return tf.add(tf.addN(lanes), tf.sum(tf.square(other!))) as tf.Scalar;
        };
        const { gradients } = valueAndGradients(() => ({ loss: loss(parameters), aux: {} }), parameters);
        const begun = Object.fromEntries(
          Object.entries(rule.init(parameters)).map(([name, t]) => [name, tf.add(t, 0.5)]),
        );
        const next = rule.update(
          parameters,
          gradients,
          { ...parameters, ...begun },
          tf.tensor1d([0.01]),
          tf.scalar(3),
        );
        return tf.concat([...Object.values(next.parameters), ...Object.values(next.state)]);
      }, false);
      expect(furthest(eager, traced)).toBeLessThan(1e-6);
    },
  );

  const capturing = () =>
    both(
      (x) => fused('captures', { of: { x } }, ({ of }) => ({ result: { y: tf.add(of.x, x) } })).result.y,
      false,
    );

  it('refuses a tensor that it was not given, and leaves no trace open', () => {
    expect(capturing).toThrow(/another trace/);
    expect(Array.from(tf.add(tf.tensor1d([1, 2]), 1).dataSync())).toEqual([2, 3]);
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    both((x) => twice(x, 2).result.y, false);
    expect(tf.memory().numTensors).toBe(before);
  });
});
