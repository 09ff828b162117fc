import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { Method } from '#contracts/method.js';
import type { Precision } from '#contracts/precision.js';
import { PretrainConfig } from '#contracts/trial.js';
import { nativeBackend } from '#engine/native/backend.js';
import { startEngine } from '#engine/native/start.js';
import { methodOf } from '#methods/table.js';
import { fixtureFolder } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import { readSafetensors } from '#models/weights/safetensors.js';
import { checkpointOf, curveOf, gapOf, outcomeOf, removeToys, toyConfig, toyMember } from './fixtures/toy.js';
import { gangsOf } from './gang/gangs-of.js';

beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});
afterAll(removeToys);

const lora = { name: 'lora', rank: 2 };
const member = (
  backbone: string,
  precision: Precision,
  { seed = 1, method = lora as object, training = {} } = {},
) => toyMember(toyConfig(backbone, method, { training: { precision, ...training }, seed }));

describe.each(['bert', 't5-v1.1', 'gpt2', 'llama'])('on %s', (family) => {
  it('begins within a hundredth of the loss in float32, and goes another way', async () => {
    const [narrow, wide] = [member(family, 'bfloat16'), member(family, 'float32')];
    const [a, b] = [curveOf(await outcomeOf([narrow]), narrow), curveOf(await outcomeOf([wide]), wide)];
    expect(Math.abs(a[0]! - b[0]!)).toBeLessThan(1e-2 * b[0]!);
    expect(a).not.toEqual(b);
    expect(gapOf(a, b)).toBeLessThan(0.1);
  }, 60_000);

  it('gives the same bits again, in another place of its gang, and resumed there', async () => {
    const seeds = (...each: number[]) =>
      each.map((seed) => member(family, 'bfloat16', { seed, training: { checkpointEvery: 6 } }));
    const [first, second] = [seeds(1, 2), seeds(2, 1)];
    const [one, other] = [await outcomeOf(first), await outcomeOf(second)];
    expect(curveOf(other, second[1]!)).toEqual(curveOf(one, first[0]!));
    expect(curveOf(other, second[0]!)).toEqual(curveOf(one, first[1]!));
    const [a, b] = first.map((m) => checkpointOf(one, m, 'resume', 6)) as [string, string];
    const rest = [toyMember(second[0]!.config, b), toyMember(second[1]!.config, a)];
    const resumed = await outcomeOf(rest);
    expect(curveOf(resumed, rest[1]!)).toEqual(curveOf(one, first[0]!).slice(6));
    expect(resumed.verdicts[1]).toMatchObject({
      summary: { test: (one.verdicts[0] as { summary: { test: object } }).summary.test },
    });
  }, 60_000);
});

it('writes answers in bfloat16', async () => {
  const own = toyMember(
    toyConfig('t5-v1.1', lora, { training: { precision: 'bfloat16' }, task: { answer: { by: 'decoding' } } }),
  );
  const { verdicts } = await outcomeOf([own]);
  expect(verdicts[0]).toMatchObject({
    verdict: 'succeeded',
    summary: { provenance: { precision: 'bfloat16', floatMode: 'strict' } },
  });
}, 60_000);

it('trains nobody of another precision in one gang', () => {
  const members = (['float32', 'bfloat16', 'float32'] as const).map((precision, seed) =>
    member('bert', precision, { seed }),
  );
  expect(
    gangsOf(members).map((gang) => gang.map((m) => m.config.stage === 'tune' && m.config.training.precision)),
  ).toEqual([['float32', 'float32'], ['bfloat16']]);
});

it('reads texts once in the precision of the trial', async () => {
  const head = { method: { name: 'head' } };
  const curves: number[][] = [];
  for (const precision of ['float32', 'bfloat16', 'float32', 'bfloat16'] as const) {
    const own = member('bert', precision, head);
    curves.push(curveOf(await outcomeOf([own]), own));
  }
  const [wide, narrow, wideAgain, narrowAgain] = curves;
  expect(narrow).not.toEqual(wide);
  expect(gapOf(narrow!, wide!)).toBeLessThan(0.02);
  expect([wideAgain, narrowAgain]).toEqual([wide, narrow]);
}, 60_000);

describe('a model in bfloat16', () => {
  const path = fixtureFolder('bert');
  const files = readSafetensors(join(path, 'model.safetensors'));

  it('keeps matrices in half the memory and vectors as they are, and is known by the same hash', async () => {
    const [narrow, wide] = [await loadModel(path, 'bfloat16'), await loadModel(path)];
    expect(narrow.hash).toBe(wide.hash);
    for (const [name, weight] of Object.entries(narrow.weights)) {
      expect([name, nativeBackend().isNarrow(weight)]).toEqual([name, weight.shape.length > 1]);
      const [kept, exact] = [weight.dataSync(), wide.weights[name]!.dataSync()];
      exact.forEach((v, i) =>
        expect(Math.abs(kept[i]! - v)).toBeLessThanOrEqual(
          weight.shape.length > 1 ? 2 ** -8 * Math.abs(v) : 0,
        ),
      );
    }
    narrow.dispose();
    wide.dispose();
  });

  it.each(['full', 'top-layers'])('is trained by %s from the weights that its folder has', async (name) => {
    const model = await loadModel(path, 'bfloat16');
    const config = Method.parse({ name, ...(name === 'top-layers' && { layers: 1 }) });
    const parameters = methodOf(config).init(config, model, { words: [] }, 1);
    const found = Object.keys(parameters);
    expect(found.length).toBeGreaterThan(3);
    const prefix = [...files.keys()].some((n) => n.startsWith('bert.')) ? 'bert.' : '';
    for (const weight of found) {
      const { values } = (files.get(weight) ?? files.get(prefix + weight))!;
      expect([weight, Array.from(parameters[weight]!.dataSync())]).toEqual([weight, Array.from(values)]);
    }
    tf.dispose(parameters);
    model.dispose();
  });
});

it('pretrains in bfloat16 as in float32, but for rounding', async () => {
  const size = { family: 't5', dModel: 16, dKv: 8, dFf: 32, layers: 1, heads: 2 };
  const trained = async (precision: Precision) => {
    const config = PretrainConfig.parse({
      stage: 'pretrain',
      pretrain: {
        corpus: { sources: ['sotu'] },
        size,
        tokenizer: fixtureFolder('t5-v1.1'),
        steps: 4,
        batch: 4,
        length: 16,
        precision,
      },
      checkpoints: [4],
    });
    const own = toyMember(config);
    const outcome = await outcomeOf([own]);
    expect(outcome.verdicts[0]).toMatchObject({
      verdict: 'succeeded',
      summary: { provenance: { precision } },
    });
    return curveOf(outcome, own)[0]!;
  };
  const [narrow, wide] = [await trained('bfloat16'), await trained('float32')];
  expect(narrow).not.toBe(wide);
  expect(Math.abs(narrow - wide)).toBeLessThan(1e-2 * wide);
}, 60_000);
