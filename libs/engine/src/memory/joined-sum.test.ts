import * as tf from '@tensorflow/tfjs';
import { AdamW } from '#contracts/optimizer.js';
import { nativeBackend } from '../native/backend.js';
import { valueAndGradients } from '../step/gradients.js';
import { joinedSum } from './joined-sum.js';
import { embedding } from '../ops/embedding.js';
import { linear } from '../ops/linear.js';
import { optimizerRule } from '../optimizers/optimizer.js';
import { startEngine } from '../native/start.js';
import { Step, type StepArguments, type StepResult, type Tensors } from '../step/step.js';
import { summands } from './summands.js';

const [height, width, rows] = [1024, 256, 8];

/** A language model of one table, in two lanes: it reads rows of it and writes logits with it, as those with
 *  tied embeddings do. */
function loss(table: tf.Tensor2D, ids: tf.Tensor1D): tf.Scalar {
  const lanes = [tf.slice(ids, 0, rows), tf.slice(ids, rows, rows)].map((own) => {
    const logits = linear(embedding(table, own), table, null, { transposed: true });
    return tf.sum(tf.square(logits));
  });
  return tf.addN(lanes) as tf.Scalar;
}

const rule = optimizerRule(AdamW.parse({ name: 'adamw' }));

/** A step of it, and the table's gradient. */
const tied = ({ state, batch, scalars }: StepArguments) => {
  const parameters = { table: state['table']! };
  const compute = () => ({
    loss: loss(tf.squeeze(parameters.table, [0]) as tf.Tensor2D, batch['ids'] as tf.Tensor1D),
    aux: {},
  });
  const { gradients } = valueAndGradients(compute, parameters);
  const next = rule.update(
    parameters,
    gradients,
    state,
    scalars['rate'] as tf.Tensor1D,
    scalars['step'] as tf.Scalar,
  );
  return { state: { ...next.parameters, ...next.state }, outputs: { gradient: gradients['table']! } };
};

describe('joinedSum', () => {
  beforeAll(async () => {
    await startEngine({ threads: 2, device: 'cpu' });
  });

  it('leaves gradient and update of a table as they are that is read by its ids and makes the logits, in two lanes', () => {
    const step = new Step('tied', tied, { xla: false });
    const table = tf.randomNormal([1, height, width], 0, 0.1, 'float32', 3);
    const state: Tensors = { table, 'table.mean': tf.mul(table, 0.1), 'table.square': tf.square(table) };
    const ids = tf.tensor1d([7, 3, 7, 1023, 0, 3, 7, 512, 7, 1, 2, 3, 1022, 0, 0, 511], 'int32');
    const args = {
      frozen: {},
      constants: {},
      state,
      batch: { ids },
      scalars: { rate: tf.tensor1d([0.01]), step: tf.scalar(3) },
    };
    const flat = ({ state, outputs }: StepResult): Tensors => ({ ...state, ...outputs });
    const eager = flat(step.runEagerly(args));
    const inPlace = {
      ...args,
      state: Object.fromEntries(Object.entries(state).map(([name, t]) => [name, tf.clone(t)])),
    };
    const changed = { ...step.advance(inPlace), ...inPlace.state };
    const traced = flat(step.run(args)); // from what the change in place has left as it was
    for (const [name, expected] of Object.entries(eager)) {
      const scale = tf.max(tf.abs(expected)).dataSync()[0]!;
      expect(scale).toBeGreaterThan(0);
      for (const found of [traced, changed])
        expect(tf.max(tf.abs(tf.sub(found[name]!, expected))).dataSync()[0]! / scale).toBeLessThan(2e-6);
    }
    tf.dispose([args as never, eager, traced, changed]);
    step.dispose();
  });

  it('makes one product and one addition of rows of them, and keeps what else is added', () => {
    let kinds: (string | undefined)[] = [];
    const step = new Step(
      'parts',
      ({ batch }) => {
        const x = batch['x']! as tf.Tensor2D;
        const ids = tf.tensor1d([1, 2], 'int32');
        const rows = () => tf.unsortedSegmentSum(tf.slice(x, [0, 0], [2, width]), ids, width);
        const product = () =>
          tf.matMul(tf.slice(x, [0, 0], [16, width]), tf.slice(x, [0, 0], [16, width]), true);
        const parts = [product(), rows(), tf.square(x), rows(), product()];
        const sum = joinedSum(parts.reduce((a, b) => tf.add(a, b)));
        const { tracer } = nativeBackend().native;
        if (tracer) kinds = summands(tracer, nativeBackend().metadata(sum)).map((part) => part.origin?.name);
        return { state: {}, outputs: { sum } };
      },
      { xla: false },
    );
    const x = tf.randomNormal([width, width], 0, 1, 'float32', 5);
    const args = { frozen: {}, constants: {}, state: {}, batch: { x }, scalars: {} };
    const [eager, traced] = [step.runEagerly(args), step.run(args)].map(({ outputs }) => outputs['sum']!) as [
      tf.Tensor,
      tf.Tensor,
    ];
    expect(tf.max(tf.abs(tf.sub(eager, traced))).dataSync()[0]).toBeLessThan(1e-4);
    expect(kinds).toEqual(['MatMul', 'Square', 'UnsortedSegmentSum']);
    tf.dispose([x, eager, traced]);
    step.dispose();
  });
});
