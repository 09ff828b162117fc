import { Method, type MethodName } from '#contracts/method.js';
import { startEngine } from '#engine/native/start.js';
import { curveOf, outcomeOf, removeToys, toyConfig, toyMember } from './fixtures/toy.js';

interface Change {
  to: unknown; // another value of the knob
  beside?: object; // other knobs that it needs, with the first value too
  on?: string; // the model that has what it is about; default: bert
}

type Knobs<M extends MethodName> = Record<Exclude<keyof Extract<Method, { name: M }>, 'name'>, Change>;

const rank = { to: 3 };
const lowRank = { targets: { to: ['query'] }, rank, alpha: { to: 3 }, rsLora: { to: true }, dropout: { to: 0.5 } };

/** What each method is without the knob, and another value of every knob of it. */
const methods: { [M in MethodName]: { base: object; knobs: Knobs<M> } } = {
  'prompt-tuning': {
    base: { length: 2 },
    knobs: { length: { to: 3 }, init: { to: 'random' }, place: { to: 'encoder-and-decoder', on: 't5-v1.1' } },
  },
  head: { base: {}, knobs: {} },
  full: { base: {}, knobs: {} },
  lora: { base: { rank: 2 }, knobs: lowRank },
  dora: { base: { rank: 2 }, knobs: lowRank },
  qlora: { base: { rank: 2, dropout: 0 }, knobs: { ...lowRank, doubleQuantisation: { to: false } } },
  adalora: {
    base: { rank: 4, targetRank: 1 },
    knobs: {
      targets: { to: ['query'] },
      rank,
      targetRank: { to: 3 },
      alpha: { to: 8 },
      warmup: { to: 3 },
      final: { to: 4 },
      every: { to: 3 },
      beta1: { to: 0.1 },
      beta2: { to: 0.1 },
      orthogonality: { to: 0.5 },
    },
  },
  unipelt: {
    base: { length: 2, hidden: 4, bottleneck: 2, rank: 2 },
    knobs: {
      parts: { to: ['lora'] },
      gates: { to: false },
      length: { to: 3 },
      hidden: { to: null },
      bottleneck: { to: 3 },
      rank,
      alpha: { to: 8 },
    },
  },
  'top-layers': { base: { layers: 1 }, knobs: { layers: { to: 2 } } },
  'p-tuning': {
    base: { length: 2, hidden: 4 },
    knobs: {
      length: { to: 3 },
      encoder: { to: 'mlp' },
      hidden: { to: 6 },
      form: { to: 'peft' },
      template: { to: '{text} {prompt}' },
      modelRate: { to: 0.1 },
    },
  },
  bitfit: { base: {}, knobs: { terms: { to: ['query'] } } },
  ia3: { base: {}, knobs: { targets: { to: ['key'] } } },
  adapter: {
    base: { bottleneck: 2 },
    knobs: {
      kind: { to: 'pfeiffer' },
      bottleneck: { to: 3 },
      activation: { to: 'relu' },
      scale: { to: 2 },
      initStd: { to: 0.1 },
      trainNorms: { to: false },
    },
  },
  'prefix-tuning': {
    base: { length: 2, hidden: 4 },
    knobs: {
      length: { to: 3 },
      hidden: { to: null },
      places: { to: ['decoder'], on: 't5-v1.1' },
      init: { to: 'real-words' },
      words: { to: 'the cat', beside: { init: 'real-words' } },
      position: { to: 'infix', on: 't5-v1.1' },
      depth: { to: 'embedding-only' },
      relativePositions: { to: true, on: 't5-v1.1' },
    },
  },
  'p-tuning-v2': {
    base: { length: 2 },
    knobs: { length: { to: 3 }, hidden: { to: 4 }, layers: { to: [1, 1] }, classifier: { to: false }, dropout: { to: 0.5 } },
  },
  mam: {
    base: { length: 2, hidden: 4, bottleneck: 2 },
    knobs: { length: { to: 3 }, hidden: { to: null }, bottleneck: { to: 3 }, scale: { to: 1 }, initStd: { to: 0.1 } },
  },
};

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

const cases = Object.entries(methods).flatMap(([name, { base, knobs }]) =>
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
  const known = Method.options.map(({ shape }) => [shape.name.value, ...Object.keys(shape).filter((k) => k !== 'name')]);
  expect(Object.entries(methods).map(([name, { knobs }]) => [name, ...Object.keys(knobs)].toSorted())).toEqual(
    expect.arrayContaining(known.map((k) => k.toSorted())),
  );
});

it.each([
  ...['lora', 'dora', 'qlora'].map((name) => ({ name, rank: 2, dropout: 0.5 })),
  { name: 'p-tuning-v2', length: 3, dropout: 0.5 },
])(
  'drops the same where the seed is the same: $name',
  async (method) => {
    const first = await curve('bert', method);
    curves.clear();
    expect(await curve('bert', method)).toEqual(first);
  },
  60_000,
);
