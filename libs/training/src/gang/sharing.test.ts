import type { MethodName } from '#contracts/method.js';
import { gangContent, sizeKnobs, stepContent } from '#contracts/sharing.js';
import type { TuneConfig } from '#contracts/trial.js';
import { startEngine } from '#engine/native/start.js';
import { sizeOf } from '#methods/members/shapes.js';
import { methodOf } from '#methods/table.js';
import { fixtureFolder } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import { type Change, methodKnobs } from '../fixtures/method-knobs.js';
import { curveOf, gapOf, outcomeOf, removeToys, toyConfig, toyMember } from '../fixtures/toy.js';
import { gangsOf } from './gangs-of.js';

const tolerance = 2e-4; // between a loss in a gang and alone: sums over other shapes round differently

beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});
afterAll(removeToys);

const pairs = Object.entries(methodKnobs).flatMap(([name, { base, knobs }]) =>
  Object.entries(knobs as Record<string, Change>).map(([knob, { to, beside, on = 'bert' }]) => {
    const of = (method: object): TuneConfig =>
      toyConfig(on, method, { training: { batch: 2, steps: 6 }, task: { maxLength: 7 } });
    const plain = { name, ...base, ...beside };
    return { name: name as MethodName, knob, on, first: of(plain), second: of({ ...plain, [knob]: to }) };
  }),
);

const together = ({ first, second }: (typeof pairs)[number]): boolean =>
  JSON.stringify(gangContent(first)) === JSON.stringify(gangContent(second)) && gangContent(first) !== null;

it('lets a size or a beginning differ within a gang, and nothing else', () => {
  expect(pairs.filter(together).map(({ name, knob }) => `${name} ${knob}`)).toEqual([
    'prompt-tuning length',
    'prompt-tuning init',
    'lora rank',
    'lora alpha',
    'lora rsLora',
    'dora rank',
    'dora alpha',
    'dora rsLora',
    'qlora rank',
    'qlora alpha',
    'qlora rsLora',
    'adalora rank',
    'adalora targetRank',
    'adalora alpha',
    'unipelt length',
    'unipelt bottleneck',
    'unipelt rank',
    'unipelt alpha',
    'p-tuning length',
    'adapter bottleneck',
    'adapter scale',
    'adapter initStd',
    'prefix-tuning length',
    'prefix-tuning init',
    'prefix-tuning words',
    'p-tuning-v2 length',
    'vera dInitial',
    'mam length',
    'mam bottleneck',
    'mam scale',
    'mam initStd',
  ]);
});

it.each(pairs)('is the same to the trainer and to the cache of steps: $knob of $name', (pair) => {
  const members = [toyMember(pair.first), toyMember(pair.second)];
  expect(gangsOf(members)).toHaveLength(together(pair) ? 1 : 2);
  if (together(pair)) expect(stepContent(pair.second)).toEqual(stepContent(pair.first));
});

it.each(pairs)(
  'is on the axes that the method names after it, and on no other: $knob of $name',
  async (pair) => {
    const { name, knob, first, second } = pair;
    const model = await loadModel(fixtureFolder(pair.on));
    const [before, after] = [first, second].map(({ method }) =>
      methodOf(method).shapes(method, model, { words: ['a', 'b'] }),
    );
    model.dispose();
    const named = Object.values(before!)
      .flat()
      .flatMap((axis) => (typeof axis === 'number' ? [] : axis.knob));
    expect(sizeKnobs(name)).toEqual(expect.arrayContaining(named));
    if (!together(pair)) return;
    expect(Object.keys(after!)).toEqual(Object.keys(before!));
    const grown = Object.entries(before!).flatMap(([tensor, axes]) =>
      axes.filter((axis, i) => sizeOf(axis) !== sizeOf(after![tensor]![i]!)),
    );
    expect(
      new Set(grown.map((axis) => (typeof axis === 'number' ? `a fixed axis of ${axis}` : axis.knob))),
    ).toEqual(new Set(sizeKnobs(name).filter((size) => size === knob)));
  },
);

it.each(pairs.filter(together))(
  'is trained in a gang as alone: another $knob of $name',
  async ({ first, second }) => {
    const [a, b] = [toyMember(first), toyMember({ ...second, seed: 2 })];
    const gang = await outcomeOf([a, b]);
    for (const member of [a, b]) {
      const solo = toyMember(member.config);
      const curve = curveOf(await outcomeOf([solo]), solo);
      expect(curve).toHaveLength(6);
      expect(gapOf(curveOf(gang, member), curve)).toBeLessThan(tolerance);
    }
  },
  60_000,
);

describe('sizes that padding would change', () => {
  const sized = (method: object, optimizer: object): boolean => {
    const [first, second] = [2, 3].map((length) =>
      toyConfig('bert', { ...method, length }, { training: { optimizer } }),
    ) as [TuneConfig, TuneConfig];
    return gangsOf([toyMember(first), toyMember(second)]).length === 1;
  };
  const adamw = { name: 'adamw', learningRate: 0.03 };

  it.each([
    ['means over whole parameters', { name: 'prompt-tuning' }, { name: 'adafactor', learningRate: 0.03 }],
    ['slots in a text', { name: 'p-tuning', template: '{text} {prompt}' }, adamw],
    ['dropped keys and values', { name: 'p-tuning-v2', dropout: 0.5 }, adamw],
    ["a prefix's dropped keys and values", { name: 'prefix-tuning', dropout: 0.5 }, adamw],
  ])('keep trials apart: %s', (_what, method, optimizer) => expect(sized(method, optimizer)).toBe(false));
});
