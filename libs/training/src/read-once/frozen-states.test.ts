import * as tf from '@tensorflow/tfjs';
import type { Member, TrainEvent } from '#contracts/trainer-messages.js';
import { startEngine } from '#engine/native/start.js';
import { fixtureFolder } from '#models/fixtures/reference.js';
import type { Model } from '#models/model.js';
import {
  checkpointOf,
  curveOf,
  gapOf,
  host,
  type Outcome,
  outcomeOf,
  removeToys,
  toyConfig,
  toyMember,
} from '../fixtures/toy.js';
import { warmModel } from '../warm/warm-models.js';

const top = { name: 'top-layers', layers: 1 };
const prompts = { name: 'p-tuning-v2', length: 3, layers: [1, 1] };

beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});
afterAll(removeToys);

const cases = ['bert', 'roberta', 'mpnet', 'gpt2', 'llama', 't5-v1.1', 'bart'].flatMap((family) => [
  { family, method: top },
  { family, method: prompts },
]);

it.each(cases)(
  'trains $method.name on $family from kept states as it does without them',
  async ({ family, method }) => {
    const config = toyConfig(family, method, {
      training: { accumulation: 2, optimizer: { name: 'sgd', learningRate: 0.1 } },
    });
    const [kept, computed] = [toyMember(config), toyMember(config)];
    const [from, anew] = [await outcomeOf([kept]), await withoutStates([computed])];
    const curve = curveOf(anew, computed);
    expect(curve).toHaveLength(12);
    expect(gapOf(curveOf(from, kept), curve)).toBeLessThan(1e-5 * Math.max(...curve));
    expect(summaryOf(from)).toEqual(summaryOf(anew));
    expect(anew.said).toBe(1); // so there was something to keep
  },
);

it.each(['bert', 'llama'])(
  'keeps states of its own for each length in a gang on %s, whose positions differ',
  async (family) => {
    const training = { accumulation: 2, evaluateEvery: 4 };
    const members = () =>
      [2, 4].map((length) =>
        toyMember(toyConfig(family, { ...prompts, length }, { training, seed: length })),
      );
    const together = members();
    const gang = await outcomeOf(together);
    for (const [i, solo] of members().entries()) {
      const alone = await withoutStates([solo]);
      expect(gapOf(curveOf(gang, together[i]!), curveOf(alone, solo))).toBeLessThan(2e-4);
      expect(summaryOf(gang, i)).toEqual(summaryOf(alone));
    }
  },
);

it('goes on from a resume state as it would have, and frees every tensor', async () => {
  const config = toyConfig('bert', prompts, { training: { checkpointEvery: 6 } });
  const member = toyMember(config);
  const before = await outcomeOf([member]);
  const tensors = tf.memory().numTensors;
  const resumed = toyMember(config, checkpointOf(before, member, 'resume', 6));
  const rest = await outcomeOf([resumed]);
  expect(curveOf(rest, resumed)).toEqual(curveOf(before, member).slice(6));
  expect(tf.memory().numTensors).toBe(tensors);
});

describe('with the embeddings broken behind its back', () => {
  let model: Model;
  const name = 'embeddings.LayerNorm.weight';
  // every text is met
  const toy = (method: object) => toyMember(toyConfig('bert', method, { training: { steps: 60 } }));
  const training = (events: TrainEvent[]) =>
    events.some((e) => e.type === 'progress' && e.note === 'compiling');
  beforeAll(async () => {
    model = await warmModel(fixtureFolder('bert'));
  });

  /** The member's curve where they are NaN as soon as `when` holds. */
  const brokenCurve = async (member: Member, when: (events: TrainEvent[]) => boolean) => {
    const whole = model.weights[name]!;
    const put = (weight: tf.Tensor) => Object.defineProperty(model.weights, name, { get: () => weight });
    const nowhere = tf.fill(whole.shape, NaN);
    const breaking = (events: TrainEvent[]) => {
      if (when(events)) put(nowhere);
      return {};
    };
    try {
      return curveOf(await outcomeOf([member], breaking), member);
    } finally {
      put(whole);
      nowhere.dispose();
    }
  };

  it('computes nothing below while it trains, and nothing again of what a trial before it kept', async () => {
    const [first, second, third] = [toy(prompts), toy(prompts), toy(prompts)];
    const curve = curveOf(await outcomeOf([first]), first);
    expect(curve).toHaveLength(60);
    expect(await brokenCurve(second, training)).toEqual(curve);
    expect(await brokenCurve(third, () => true)).toEqual(curve);
  });

  it('keeps what other trials of a task met, too', async () => {
    const short = (seed: number) =>
      toyMember(toyConfig('bert', { ...prompts, length: 1 }, { training: { steps: 2 }, seed }));
    const [one, other, again] = [short(1), short(2), short(1)];
    const curve = curveOf(await outcomeOf([one]), one);
    await outcomeOf([other]);
    expect(await brokenCurve(again, () => true)).toEqual(curve);
    expect(await brokenCurve(short(3), () => true)).toEqual([]); // meets texts that neither did
  });

  it.each<object>([
    { name: 'p-tuning-v2', length: 3 },
    { name: 'prefix-tuning', length: 3, hidden: 8 },
    { name: 'lora', rank: 2 },
    { name: 'bitfit' },
    { ...top, layers: 2 },
  ])('keeps nothing for what trains there: %j', async (method) => {
    expect(await brokenCurve(toy(method), training)).toEqual([]); // diverged at the first step
  });
});

it('says so where the states are too many to be kept, and trains all the same', async () => {
  const lines: string[] = [];
  const member = toyMember(toyConfig('bert', top));
  const small = { ...host, stateBytes: 1000, log: (line: string) => void lines.push(line) };
  const { events, verdicts } = await outcomeOf([member], undefined, small);
  expect(verdicts[0]).toMatchObject({ verdict: 'succeeded' });
  expect(lines).toEqual([expect.stringContaining('the states below layer 1 take')]);
  expect(events).toContainEqual(expect.objectContaining({ type: 'progress', note: lines[0] }));
});

it('reads whole texts where a decoder writes longer words behind them', async () => {
  const words = { task: { labelWords: { cat: 'mats', dog: 'ran' } } };
  const heads = { ...prompts, classifier: true };
  const said = async (method: object) =>
    (await withoutStates([toyMember(toyConfig('gpt2', method, words))])).said;
  expect(await said(top)).toBe(0);
  expect(await said(heads)).toBe(1); // no word is written
});

/** `said`: how often a trial told that its states were too many. */
async function withoutStates(members: Member[]): Promise<Outcome & { said: number }> {
  let said = 0;
  const outcome = await outcomeOf(members, undefined, { ...host, stateBytes: 0, log: () => void said++ });
  return { ...outcome, said };
}

function summaryOf({ verdicts }: Outcome, member = 0): { test: object; validation: object } {
  const verdict = verdicts[member];
  if (verdict?.verdict !== 'succeeded') throw new Error(JSON.stringify(verdict));
  const { test, validation } = verdict.summary;
  return { test, validation };
}
