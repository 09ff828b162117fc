import * as tf from '@tensorflow/tfjs';
import { TuneConfig } from '#contracts/trial.js';
import { startEngine } from '#engine/native/start.js';
import { fixtureFolder } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { outcomeOf, removeToys, toyMember } from '../fixtures/toy.js';
import { toyTask } from '../fixtures/kinds.js';
import { warmDataset } from '../rows/warm-task.js';
import { answeringOf } from './table.js';

let model: Model;
beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
  model = await loadModel(fixtureFolder('t5-v1.1'));
});
afterAll(() => model.dispose());
afterAll(removeToys);

const configOf = (kind: 'class' | 'choice' | 'text' | 'span', task: object, family = 't5-v1.1') =>
  TuneConfig.parse({
    stage: 'tune',
    backbone: { folder: fixtureFolder(family) },
    task: { ...toyTask(kind), ...task },
    method: { name: 'lora', rank: 2 },
    training: { steps: 3, batch: 2 },
  });

const sentinelId = () => model.tokenizer.idOf('<extra_id_0>');

it.each(['text', 'span', 'choice'] as const)('stands in front of every target of kind %s', (kind) => {
  const targets = [false, true].map((sentinel) => {
    const { task } = configOf(kind, { sentinel });
    const answers = answeringOf(model, { task }, warmDataset(task));
    const { train } = warmDataset(task);
    const batch = answers.tensors(train.slice(0, 3).flatMap((example) => answers.rows(example)));
    const rows = batch['targets']!.arraySync() as number[][];
    tf.dispose(batch);
    return rows.map((ids) => ids.filter((id) => id >= 0));
  });
  expect(targets[1]).toEqual(targets[0]!.map((ids) => [sentinelId(), ...ids]));
});

it('stands in front of label words, which are told apart as before', () => {
  const { task } = configOf('class', { sentinel: true });
  const constants = answeringOf(model, { task }, warmDataset(task)).constants();
  const outputs = constants['labelOutputs']!.arraySync() as number[][];
  tf.dispose(constants);
  expect(outputs.map(([first]) => first)).toEqual(outputs.map(() => sentinelId()));
});

it.each(['decoding', 'label-words'])(
  'is written and left out of what is said, by %s',
  async (by) => {
    const training = { steps: 60, batch: 16, optimizer: { name: 'adamw', learningRate: 0.02 } };
    const config = TuneConfig.parse({
      ...configOf('class', { sentinel: true, answer: { by } }),
      method: { name: 'full' },
      training,
    });
    const [verdict] = (await outcomeOf([toyMember(config)])).verdicts;
    if (verdict?.verdict !== 'succeeded') throw new Error(JSON.stringify(verdict));
    expect(verdict.summary.test['accuracy']).toBeGreaterThan(0.9);
  },
  60_000,
);

it('is refused by name where the tokenizer has none', async () => {
  const [verdict] = (await outcomeOf([toyMember(configOf('text', { sentinel: true }, 'bart'))])).verdicts;
  expect(verdict).toMatchObject({
    cause: 'invalid',
    message: expect.stringMatching(/^task.sentinel: true/) as string,
  });
});
