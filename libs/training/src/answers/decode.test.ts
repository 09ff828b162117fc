import { startEngine } from '#engine/native/start.js';
import { outcomeOf, removeToys, toyConfig, toyMember } from '../fixtures/toy.js';

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
    const task = { scoring: 'decode', maxLength: 5 };
    const member = toyMember(toyConfig(family, method, { training: { steps: 2 }, task }));
    const { verdicts } = await outcomeOf([member]);
    expect(verdicts[0]).toEqual(expect.objectContaining({ verdict: 'succeeded' }));
  },
  60_000,
);
