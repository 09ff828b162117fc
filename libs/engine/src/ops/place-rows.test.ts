import * as tf from '@tensorflow/tfjs';
import { startEngine } from '../native/start.js';
import { Step } from '../step/step.js';
import { placeRows } from './place-rows.js';

beforeAll(() => startEngine({ threads: 2, device: 'cpu' }));

it.each(['cpu', 'tensorflow', 'a graph', 'XLA'])('puts rows into their places: %s', async (how) => {
  await tf.setBackend(how === 'cpu' ? 'cpu' : 'tensorflow');
  const state = { table: tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]) };
  const batch = { places: tf.tensor1d([2, 0], 'int32'), rows: tf.tensor2d([7, 8, 0, 9], [2, 2]) };
  const placed = (s: typeof state, b: typeof batch) => placeRows(s.table, b.places, b.rows);
  const traced = () => {
    const step = new Step(
      'rows',
      (a) => ({ state: { table: placed(a.state as never, a.batch as never) }, outputs: {} }),
      {
        xla: how === 'XLA',
      },
    );
    return step.run({ frozen: {}, constants: {}, scalars: {}, state, batch }).state['table']!;
  };
  const table = how === 'a graph' || how === 'XLA' ? traced() : placed(state, batch);
  expect(Array.from(table.dataSync())).toEqual([0, 9, 3, 4, 7, 8]);
});
