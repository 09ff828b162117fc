import { Method } from '#contracts/method.js';
import { startEngine } from '#engine/native/start.js';
import { type Change, methodKnobs } from './fixtures/method-knobs.js';
import { curveOf, outcomeOf, removeToys, toyConfig, toyMember } from './fixtures/toy.js';

const curves = new Map<string, number[]>();

async function curve(family: string, method: object): Promise<number[]> {
  const key = JSON.stringify([family, method]);
  const known = curves.get(key);
  if (known) return known;
  const training = { steps: 10, batch: 2, optimizer: { name: 'adamw', learningRate: 0.05 } };
  const member = toyMember(toyConfig(family, method, { training, task: { maxLength: 7 } }));
  const outcome = await outcomeOf([member]);
  const found = curveOf(outcome, member);
  if (found.length !== 10) throw new Error(JSON.stringify(outcome.verdicts));
  curves.set(key, found);
  return found;
}

beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});
afterAll(removeToys);

const cases = Object.entries(methodKnobs).flatMap(([name, { base, knobs }]) =>
  Object.entries(knobs as Record<string, Change>).map(([knob, change]) => ({ name, base, knob, change })),
);

it.each(cases)(
  'another $knob of $name is another curve',
  async ({ name, base, knob, change: { to, beside, on = 'bert' } }) => {
    const [before, after] = [
      { name, ...base, ...beside },
      { name, ...base, ...beside, [knob]: to },
    ];
    expect(JSON.stringify(Method.parse(before))).not.toBe(JSON.stringify(Method.parse(after)));
    expect(await curve(on, after)).not.toEqual(await curve(on, before));
  },
  60_000,
);

it('knows every knob', () => {
  const known = Method.options.map(({ shape }) => [
    shape.name.value,
    ...Object.keys(shape).filter((k) => k !== 'name'),
  ]);
  expect(
    Object.entries(methodKnobs).map(([name, { knobs }]) => [name, ...Object.keys(knobs)].toSorted()),
  ).toEqual(expect.arrayContaining(known.map((k) => k.toSorted())));
});

it.each([
  ...['lora', 'dora', 'qlora'].map((name) => ({ name, rank: 2, dropout: 0.5 })),
  { name: 'p-tuning-v2', length: 3, dropout: 0.5 },
  { name: 'prefix-tuning', length: 3, hidden: 4, dropout: 0.5 },
])(
  'drops the same where the seed is the same: $name',
  async (method) => {
    const first = await curve('bert', method);
    curves.clear();
    expect(await curve('bert', method)).toEqual(first);
  },
  60_000,
);
