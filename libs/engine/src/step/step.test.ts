import * as tf from '@tensorflow/tfjs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nativeBackend } from '../native/backend.js';
import { keepMeasurements, measuredXla, rememberedXla } from './faster.js';
import { valueAndGradients } from './gradients.js';
import { linear } from '../ops/linear.js';
import { softmaxCrossEntropy } from '../ops/softmax-cross-entropy.js';
import { startEngine } from '../native/start.js';
import { Step, type StepArguments, type StepResult } from './step.js';

const none = { frozen: {}, constants: {}, state: {}, batch: {}, scalars: {} };

function regression({ frozen, state, batch, scalars }: StepArguments) {
  const { loss, gradients } = valueAndGradients(
    () => {
      const logits = linear(tf.mul(batch['x']!, frozen['scale']!), state['w']!, state['b']!, {
        transposed: false,
      });
      return {
        loss: tf.mean(softmaxCrossEntropy(logits as tf.Tensor2D, batch['y'] as tf.Tensor1D)) as tf.Scalar,
        aux: {},
      };
    },
    { w: state['w']!, b: state['b']! },
  );
  const down = (name: string) => tf.sub(state[name]!, tf.mul(gradients[name]!, scalars['rate']!));
  return { state: { w: down('w'), b: down('b') }, outputs: { loss } };
}

function trained(step: Step, how: 'run' | 'runEagerly' | 'advance', steps: number): number[] {
  const fixed = {
    frozen: { scale: tf.scalar(2) },
    constants: {},
    batch: { x: tf.tensor2d([1, 2, -1, 0.5, 3, -2], [3, 2]), y: tf.tensor1d([0, 2, 1], 'int32') },
    scalars: { rate: tf.scalar(0.1) },
  };
  let state: StepArguments['state'] = { w: tf.fill([2, 3], 0.1), b: tf.zeros([3]) };
  const losses = [];
  for (let i = 0; i < steps; i++) {
    if (how === 'advance') {
      const outputs = step.advance({ ...fixed, state });
      losses.push(outputs['loss']!.dataSync()[0]!);
      tf.dispose(outputs);
      continue;
    }
    const result = step[how]({ ...fixed, state });
    losses.push(result.outputs['loss']!.dataSync()[0]!);
    tf.dispose([state, result.outputs]);
    state = result.state;
  }
  tf.dispose([state, fixed]);
  return losses;
}

describe('Step', () => {
  beforeAll(async () => {
    await startEngine({ threads: 2, device: 'cpu' });
  });

  it.each([true, false, 'measure'] as const)(
    'computes what eager ops compute, and learns (xla: %s)',
    (xla) => {
      const step = new Step('regression', regression, { xla });
      const eager = trained(step, 'runEagerly', 10);
      const traced = trained(step, 'run', 10);
      traced.forEach((loss, i) => expect(loss).toBeCloseTo(eager[i]!, 5));
      expect(traced[9]!).toBeLessThan(traced[0]! * 0.7);
      expect(step.signatures).toBe(1);
      step.dispose();
    },
  );

  it.each(['run', 'advance'] as const)('leaves no tensor behind (%s)', (how) => {
    const step = new Step('leaks', regression, { xla: false });
    trained(step, how, 1);
    const { native } = nativeBackend();
    const before = [tf.memory().numTensors, native.getNumOfTensors(), native.variables.size];
    trained(step, how, 3);
    expect([tf.memory().numTensors, native.getNumOfTensors(), native.variables.size]).toEqual(before);
    step.dispose();
  });

  it.each([false, true, 'measure'] as const)('changes its state as by state returned (xla: %s)', (xla) => {
    const step = new Step('regression', regression, { xla });
    expect(trained(step, 'advance', 10)).toEqual(trained(step, 'run', 10));
    step.dispose();
  });

  it('changes nothing but its state: not what was made of that before, nor what began as the same tensor', () => {
    const doubled = ({ state }: StepArguments) => ({
      state: { w: tf.mul(state['w']!, 2) },
      outputs: { was: tf.sum(state['w']!) },
    });
    const step = new Step('doubled', doubled, { xla: false });
    const start = tf.tensor1d([1, 2]);
    const args = { ...none, state: { w: tf.clone(start) } };
    const advance = () => {
      const outputs = step.advance(args);
      const was = outputs['was']!.dataSync()[0];
      tf.dispose(outputs);
      return was;
    };
    expect(advance()).toBe(3);
    const [copy, view, more] = [
      tf.clone(args.state.w),
      tf.reshape(args.state.w, [1, 2]),
      tf.add(args.state.w, 1),
    ];
    expect([advance(), advance()]).toEqual([6, 12]);
    const values = [start, copy, view, more, args.state.w].map((t) => Array.from(t.dataSync()));
    expect(values).toEqual([[1, 2], [2, 4], [2, 4], [3, 5], [8, 16]]); // prettier-ignore
    tf.dispose([start, copy, view, more, args.state.w]);
    step.dispose();
  });

  it('refuses to change a state of which it gives no next value, or one of another shape, or that holds a tensor twice', () => {
    const state = { w: tf.ones([2]), v: tf.ones([2]) };
    const partial = new Step('partial', ({ state }) => ({ state: { w: state['w']! }, outputs: {} }), {
      xla: false,
    });
    expect(() => partial.advance({ ...none, state })).toThrow(
      'partial is to change its state (v, w) and gives w',
    );
    const larger = new Step(
      'larger',
      ({ state }) => ({ state: { ...state, v: tf.ones([3]) }, outputs: {} }),
      { xla: false },
    );
    expect(() => larger.advance({ ...none, state })).toThrow('larger: the next v has shape [3] and not [2]');
    const twice = new Step('twice', ({ state }) => ({ state, outputs: {} }), { xla: false });
    expect(() => twice.advance({ ...none, state: { w: state.w, v: state.w } })).toThrow(
      'twice: two of its state are one tensor',
    );
    tf.dispose(state);
  });

  it('takes no node for what changes nothing or is there already, and computes the same', () => {
    const sizes: number[] = [];
    const noted = <T>(value: T): T => {
      sizes.push(nativeBackend().native.tracer?.size ?? 0);
      return value;
    };
    const step = new Step(
      'nodes',
      ({ batch }) => {
        const x = batch['x'] as tf.Tensor2D;
        const once = noted(tf.add(tf.reshape(x, [3, 2]), 0.5));
        const same = [
          tf.cast(once, 'float32'),
          tf.reshape(once, [3, 2]),
          tf.reshape(tf.reshape(once, [6]), [3, 2]),
        ];
        const again = noted(tf.add(tf.reshape(x, [3, 2]), 0.5));
        const other = tf.add(tf.reshape(tf.reshape(x, [6]), [1, 6]), 0.25);
        return { state: {}, outputs: { sum: tf.addN([...same, again] as tf.Tensor[]), other } };
      },
      { xla: false },
    );
    const args = { ...none, batch: { x: tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]) } };
    const values = ({ outputs }: StepResult) =>
      ['sum', 'other'].map((name) => Array.from(outputs[name]!.dataSync()));
    expect(values(step.run(args))).toEqual([
      [6, 10, 14, 18, 22, 26],
      [1.25, 2.25, 3.25, 4.25, 5.25, 6.25],
    ]);
    const [reshapeAndItsShape, secondSum] = [2, 1];
    expect(sizes[1]! - sizes[0]!).toBe(reshapeAndItsShape + secondSum);
    expect(values(step.run(args))).toEqual(values(step.runEagerly(args)));
    step.dispose();
  });

  it('compiles again for another shape only', () => {
    const step = new Step('shapes', ({ batch }) => ({ state: {}, outputs: { sum: tf.sum(batch['x']!) } }));
    for (const n of [2, 3, 2]) {
      const x = tf.ones([n]);
      const { outputs } = step.run({ ...none, batch: { x } });
      expect(outputs['sum']!.dataSync()[0]).toBe(n);
      tf.dispose([x, outputs]);
    }
    expect(step.signatures).toBe(2);
    step.dispose();
  });

  it('refuses a tensor that is no argument, on the device or still in JavaScript', () => {
    const host = tf.tensor1d([1, 2]);
    const device = tf.add(host, 1);
    for (const captured of [device, tf.tensor1d([3, 4])]) {
      const step = new Step('captures', ({ batch }) => ({
        state: {},
        outputs: { y: tf.add(batch['x']!, captured) },
      }));
      expect(() => step.run({ ...none, batch: { x: host } })).toThrow(/neither .*argument.* nor made in it/);
    }
  });

  it('refuses to read a value while tracing, and recovers', () => {
    const x = tf.tensor1d([1, 2]);
    const reads = new Step('reads', ({ batch }) => {
      const y = tf.mul(batch['x']!, 2);
      return { state: {}, outputs: { y: tf.mul(y, y.dataSync()[0]!) } };
    });
    expect(() => reads.run({ ...none, batch: { x } })).toThrow(/read while a step is traced/);
    expect(Array.from(tf.mul(x, 3).dataSync())).toEqual([3, 6]);
  });

  it('measures once which is faster, and every process goes by what was measured first', () => {
    const home = mkdtempSync(join(tmpdir(), 'faster-'));
    keepMeasurements(home, 'this machine');
    const runs: boolean[] = [];
    const slowXla = (xla: boolean) => {
      runs.push(xla);
      const until = performance.now() + (xla ? 8 : 1);
      while (performance.now() < until);
    };
    expect(rememberedXla('a')).toBeUndefined();
    expect(measuredXla('a', slowXla)).toBe(false);
    expect(runs).toEqual([false, true, false, true, false, true, false, true]);
    expect(measuredXla('a', (xla) => slowXla(!xla))).toBe(false); // another process was first
    expect(rememberedXla('a')).toBe(false);
    expect(rememberedXla('b')).toBeUndefined();
    rmSync(home, { recursive: true });
  });
});
