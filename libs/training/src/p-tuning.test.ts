import { join } from 'node:path';
import { startEngine } from '#engine/native/start.js';
import { withMaskToken } from '#models/fixtures/mask-token.js';
import { curveOf, folder, gapOf, outcomeOf, removeToys, toyConfig, toyMember } from './fixtures/toy.js';
import { warmModel } from './warm/warm-models.js';

const masked = withMaskToken(join(folder, 'masked'));
const template = '{prompt:1} {text} {prompt:1} {mask} .';
const fast = { steps: 40, batch: 8, optimizer: { name: 'adamw', learningRate: 0.03 } };

beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});
afterAll(removeToys);

const trained = async (family: string, knobs: object, training: object = {}) => {
  const member = toyMember(
    toyConfig(family, { name: 'p-tuning', ...knobs }, { training, task: { maxLength: 6 } }),
  );
  const outcome = await outcomeOf([member]);
  return { curve: curveOf(outcome, member), verdict: outcome.verdicts[0]! };
};
jest.setTimeout(120_000);

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

it.each([
  [masked, template],
  ['t5-v1.1', '{prompt:2} {text} on {prompt:1}'],
  ['gpt2', '{prompt:1} {text} {prompt:1}'],
])('learns through a template on %s', async (family, used) => {
  const { curve, verdict } = await trained(family, { template: used }, fast);
  expect(verdict).toEqual(expect.objectContaining({ verdict: 'succeeded' }));
  expect(mean(curve.slice(-10))).toBeLessThan(mean(curve.slice(0, 10)));
});

it('trains two members of one template together as it trains each alone', async () => {
  const config = toyConfig(masked, { name: 'p-tuning', template }, { task: { maxLength: 6 } });
  const members = [toyMember(config), toyMember({ ...config, seed: 2 })];
  const gang = await outcomeOf(members);
  for (const member of members) {
    const solo = toyMember(member.config);
    const alone = await outcomeOf([solo]);
    expect(curveOf(alone, solo)).toHaveLength(12);
    expect(gapOf(curveOf(gang, member), curveOf(alone, solo))).toBeLessThan(2e-4);
  }
});

it('tunes the model along where it is told to, and leaves the shared one as it is', async () => {
  const model = await warmModel(masked);
  const before = Object.values(model.weights).map((w) => w.dataSync().slice());
  const frozen = await trained(masked, { template });
  const tuned = await trained(masked, { template, modelRate: 0.1 });
  expect(tuned.curve[0]).toBeCloseTo(frozen.curve[0]!, 6);
  expect(gapOf(tuned.curve, frozen.curve)).toBeGreaterThan(1e-4);
  expect(tuned.verdict).toMatchObject({ summary: { trainableParameters: expect.any(Number) as number } });
  Object.values(model.weights).forEach((w, i) => expect(w.dataSync()).toEqual(before[i]));
});

it('says before any step which label word is not one token', async () => {
  const task = { maxLength: 6, labelWords: { cat: 'the mat', dog: 'ran' } };
  const member = toyMember(toyConfig(masked, { name: 'p-tuning', template }, { task }));
  const { verdicts } = await outcomeOf([member]);
  expect(verdicts[0]).toMatchObject({
    verdict: 'failed',
    cause: 'invalid',
    message: expect.stringContaining('"the mat" is 2 tokens') as string,
  });
});
