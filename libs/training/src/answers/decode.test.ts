import * as tf from '@tensorflow/tfjs';
import { startEngine } from '#engine/native/start.js';
import { fixtureFolder, type Generations, readFixture } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import { outcomeOf, removeToys, toyConfig, toyMember } from '../fixtures/toy.js';
import { Gang } from '../gang/gang.js';
import { classesOf } from '../fixtures/spaces.js';
import { answeringOf } from './table.js';

beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});
afterAll(removeToys);

const methods = [
  { name: 'prefix-tuning', length: 2, hidden: 4 },
  { name: 'prefix-tuning', length: 2, hidden: 4, position: 'infix' },
  { name: 'prefix-tuning', length: 2, hidden: null, position: 'infix', depth: 'embedding-only' },
  { name: 'p-tuning', length: 1, template: '{prompt} {text} {prompt}' },
  { name: 'p-tuning-v2', length: 2, classifier: false },
];
const cases = ['t5-v1.1', 'llama'].flatMap((family) =>
  methods.map((method) => ({ family, method, title: JSON.stringify(method) })),
);

it.each(cases)(
  '$family writes answers under $title',
  async ({ family, method }) => {
    const task = { answer: { by: 'decoding' }, maxLength: 5 };
    const member = toyMember(toyConfig(family, method, { training: { steps: 2 }, task }));
    const { verdicts } = await outcomeOf([member]);
    expect(verdicts[0]).toEqual(expect.objectContaining({ verdict: 'succeeded' }));
  },
  60_000,
);

const gangs = ['t5-v1.1', 'bart', 'llama', 'gpt2'].flatMap((family) =>
  ['2 and 3', '2 and 2'].map((lengths) => ({ family, lengths })),
);

it.each(gangs)(
  'writes in a gang what each member writes alone: $family, prefixes of $lengths',
  async ({ family, lengths }) => {
    const model = await loadModel(fixtureFolder(family));
    const { generationIds } = readFixture<Generations>(`${family}/expected.json`);
    const rows = generationIds.slice(0, 5); // lanes of two and three rows
    const configs = lengths.split(' and ').map((length, i) => ({
      ...toyConfig(
        family,
        { name: 'prefix-tuning', length: Number(length), hidden: null },
        { task: { answer: { by: 'decoding' }, maxLength: 9 } },
      ),
      seed: i + 1,
    }));
    const tensors = tf.memory().numTensors;
    const decoded = (members: typeof configs): string[] => {
      const answers = answeringOf(model, members[0]!, classesOf(['dog', 'cat']));
      const gang = new Gang(model, members, answers);
      const all = members.flatMap(() => rows);
      const ids = tf.tensor2d(all, undefined, 'int32');
      const streams = all.map((_, i) => `${i}`);
      const texts = gang.write(
        { ids, mask: tf.tensor2d(all.map((row) => row.map((id) => Number(id !== 0)))) },
        streams,
      );
      gang.dispose();
      return texts.map(([only]) => only!);
    };
    const together = decoded(configs);
    expect(together).toEqual(configs.flatMap((config) => decoded([config])));
    expect(new Set(together).size).toBeGreaterThan(1);
    expect(tf.memory().numTensors).toBe(tensors);
    model.dispose();
  },
);
