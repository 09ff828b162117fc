import { join } from 'node:path';
import { TuneConfig } from '#contracts/trial.js';
import { startEngine } from '#engine/native/start.js';
import { withMaskToken } from '#models/fixtures/mask-token.js';
import type { TrainHost } from './signals.js';
import { toyTask } from './fixtures/kinds.js';
import {
  checkpointOf,
  curveOf,
  folder,
  gapOf,
  host,
  outcomeOf,
  removeToys,
  toyConfig,
  toyMember,
} from './fixtures/toy.js';

const lora = { name: 'lora', rank: 2 };
const base = { steps: 6, batch: 4 };

beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});
afterAll(removeToys);

async function curve(family: string, training: object, method: object = lora, seed = 1): Promise<number[]> {
  const member = toyMember(
    toyConfig(family, method, { training: { ...base, ...training }, task: { maxLength: 7 }, seed }),
  );
  const outcome = await outcomeOf([member]);
  const found = curveOf(outcome, member);
  if (found.length !== base.steps) throw new Error(JSON.stringify(outcome.verdicts));
  return found;
}

describe("dropout of the backbone's own values", () => {
  it.each(['bert', 'mpnet', 'gpt2', 'llama', 't5-v1.1', 'bart'])(
    'changes what %s is trained on, by its seed',
    async (family) => {
      const first = await curve(family, { dropout: 0.3 });
      expect(await curve(family, { dropout: 0.3 })).toEqual(first);
      expect(gapOf(await curve(family, {}), first)).toBeGreaterThan(1e-4);
    },
    60_000,
  );

  it.each([
    ['a head, whose pooled states are computed once without it', { name: 'head' }],
    ['layers above frozen ones, whose states are kept without it', { name: 'top-layers', layers: 1 }],
  ])('reaches %s', async (_what, method) => {
    expect(
      gapOf(await curve('bert', { dropout: 0.3 }, method), await curve('bert', {}, method)),
    ).toBeGreaterThan(1e-4);
  });

  it('is the same for a member of a gang as for one alone, and another for each', async () => {
    const training = { ...base, dropout: 0.3 };
    const members = [1, 2].map((seed) =>
      toyMember(toyConfig('bert', lora, { training, task: { maxLength: 7 }, seed })),
    );
    const gang = await outcomeOf(members);
    for (const [i, member] of members.entries())
      expect(gapOf(curveOf(gang, member), await curve('bert', { dropout: 0.3 }, lora, i + 1))).toBeLessThan(
        2e-4,
      );
  });

  it('goes on from a resume state bit for bit', async () => {
    const config = toyConfig('bert', lora, { training: { ...base, dropout: 0.3 } });
    const often: TrainHost = { ...host, resumeEvery: 0 };
    const whole = toyMember(config);
    const first = await outcomeOf([whole], undefined, often);
    const resumed = toyMember(config, checkpointOf(first, whole, 'resume', 3));
    const rest = await outcomeOf([resumed], undefined, often);
    expect(curveOf(rest, resumed)).toEqual(curveOf(first, whole).slice(-curveOf(rest, resumed).length));
    expect(curveOf(rest, resumed).length).toBeGreaterThan(2);
    expect(rest.verdicts[0]).toMatchObject({ verdict: 'succeeded' });
  });

  it('is off where examples are validated and tested', async () => {
    const still = { optimizer: { name: 'sgd', learningRate: 1e-12 }, selectBy: 'loss' };
    const scores = [];
    for (const dropout of [0, 0.5]) {
      const member = toyMember(toyConfig('bert', lora, { training: { ...base, ...still, dropout } }));
      const [verdict] = (await outcomeOf([member])).verdicts;
      if (verdict?.verdict !== 'succeeded') throw new Error(JSON.stringify(verdict));
      scores.push([verdict.summary.validation, verdict.summary.test]);
    }
    expect(scores[1]).toEqual(scores[0]);
  });
});

describe('smoothed labels', () => {
  it('are trained on, and no loss of validation has them', async () => {
    expect(gapOf(await curve('bert', { labelSmoothing: 0.2 }), await curve('bert', {}))).toBeGreaterThan(
      1e-3,
    );
    const still = { optimizer: { name: 'sgd', learningRate: 1e-12 }, selectBy: 'loss' };
    const losses = [];
    for (const labelSmoothing of [0, 0.2]) {
      const member = toyMember(toyConfig('gpt2', lora, { training: { ...base, ...still, labelSmoothing } }));
      const [verdict] = (await outcomeOf([member])).verdicts;
      if (verdict?.verdict !== 'succeeded') throw new Error(JSON.stringify(verdict));
      losses.push(verdict.summary.validation['loss']);
    }
    expect(losses[1]).toBe(losses[0]);
  });
});

describe('checkpoints', () => {
  const chosen = async (selectBy: string | null) => {
    const training = {
      steps: 24,
      batch: 4,
      evaluateEvery: 2,
      optimizer: { name: 'adamw', learningRate: 0.3 },
      selectBy,
    };
    const member = toyMember(toyConfig('bert', lora, { training }));
    const { events, verdicts } = await outcomeOf([member]);
    const [verdict] = verdicts;
    if (verdict?.verdict !== 'succeeded') throw new Error(JSON.stringify(verdict));
    const curveOf = (name: string) =>
      events.flatMap((e) =>
        e.type === 'metrics' ? e.metrics.filter((m) => m.split === 'validation' && m.name === name) : [],
      );
    return { summary: verdict.summary, curveOf };
  };

  it('are chosen by the metric that is asked for, in its own direction', async () => {
    for (const [name, better] of [
      ['loss', Math.min],
      ['f1', Math.max],
      ['mean-score', Math.max],
    ] as const) {
      // prettier-ignore
      const { summary, curveOf } = await chosen(name);
      const curve = curveOf(name);
      expect(curve).toHaveLength(12);
      const best = better(...curve.map((m) => m.value));
      expect(summary.bestStep).toBe(curve.find((m) => m.value === best)!.step);
      expect(summary.validation[name]).toBe(best);
      expect(summary.test[name]).toBeDefined();
      expect(summary.metrics[name]).toMatchObject({ better: name === 'loss' ? 'smaller' : 'larger' });
    }
    expect(Object.keys((await chosen(null)).summary.test)).not.toContain('loss');
  });

  it.each(['choice', 'tags', 'span', 'cloze'] as const)(
    'of answers of kind %s are chosen by their loss',
    async (kind) => {
      const task = { ...toyTask(kind), answer: {} };
      const config = TuneConfig.parse({
        ...toyConfig(kind === 'cloze' ? withMaskToken(join(folder, 'masked')) : 'bert', lora),
        task,
        training: { ...base, selectBy: 'loss' },
      });
      const [verdict] = (await outcomeOf([toyMember(config)])).verdicts;
      if (verdict?.verdict !== 'succeeded') throw new Error(JSON.stringify(verdict));
      expect(verdict.summary.validation['loss']).toBeGreaterThan(0);
      expect(verdict.summary.validation['loss']).toBeLessThan(5); // about that of a guess
    },
  );

  it('are refused by a metric that the data can not have', async () => {
    const member = toyMember(toyConfig('bert', lora, { training: { selectBy: 'exactMatch' } }));
    expect((await outcomeOf([member])).verdicts[0]).toMatchObject({
      cause: 'invalid',
      message: expect.stringMatching(
        /^training.selectBy: .* has no exactMatch; it has accuracy, f1$/,
      ) as string,
    });
  });
});
