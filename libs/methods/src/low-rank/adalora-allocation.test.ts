import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { AdaLora } from '#contracts/methods/adalora.js';
import { gap } from '#models/fixtures/reference.js';
import type { Model } from '#models/model.js';
import { allocated, importance, orthogonality } from './adalora-allocation.js';
import { adaLora } from './adalora.js';
import type { AfterStep, Parameters, Pass } from '../method.js';

interface Reference {
  knobs: object;
  total: number;
  steps: {
    parameters: Record<string, { shape: number[]; values: number[] }>;
    gradients: Record<string, number[]>;
    lambdas: Record<string, number[]>;
    budget: number;
  }[];
  importance: Record<string, number[]>;
  uncertainty: Record<string, number[]>;
}

const reference = JSON.parse(
  readFileSync(join(__dirname, '../fixtures', 'adalora.json'), 'utf8'),
) as Reference;
const config = AdaLora.parse({ name: 'adalora', ...reference.knobs });

beforeAll(() => tf.setBackend('cpu'));

/** One step's tensors with the member axis. */
function tensorsOf({ parameters, gradients }: Reference['steps'][number]): {
  own: Parameters;
  slopes: Parameters;
} {
  const shaped = (values: (name: string) => number[]) =>
    Object.fromEntries(
      Object.entries(parameters).map(
        ([n, { shape }]) => [n, tf.tensor(values(n), [1, ...shape], 'float32')] as const,
      ),
    );
  return { own: shaped((n) => parameters[n]!.values), slopes: shaped((n) => gradients[n]!) };
}

it("weighs and cuts the lambdas at every step as peft's RankAllocator does", () => {
  tf.tidy(() => {
    let state: Parameters | undefined;
    reference.steps.forEach((one, i) => {
      const { own, slopes } = tensorsOf(one);
      const constants = adaLora.constants!([config], { rank: config.rank });
      state ??= adaLora.extraState!(own);
      const pass: Pass<AdaLora> = {
        config,
        model: {} as Model,
        frozen: {},
        parameters: own,
        constants,
        members: 1,
      };
      const after: AfterStep = {
        gradients: slopes,
        state,
        step: tf.scalar(i + 1),
        steps: tf.scalar(reference.total),
      };
      state = importance(pass, after);
      const cut = allocated(pass, state, after);
      for (const [name, lambdas] of Object.entries(one.lambdas))
        expect(gap(cut[name]!, lambdas)).toBeLessThan(1e-6);
    });
    for (const kind of ['importance', 'uncertainty'] as const)
      for (const [name, values] of Object.entries(reference[kind]))
        expect(gap(state![`${name}.${kind}`]!, values)).toBeLessThan(1e-5);
  });
});

it('shrinks to the target in the fixture, so that the comparison is one', () => {
  const zeros = reference.steps.map(
    ({ lambdas }) =>
      Object.values(lambdas)
        .flat()
        .filter((v) => v === 0).length,
  );
  expect(zeros.slice(0, 3)).toEqual([0, 0, 0]);
  expect(zeros.at(-1)).toBe(6);
  expect(new Set(zeros).size).toBeGreaterThan(3);
});

it('has no penalty on orthonormal factors, and the paper’s on others', () => {
  tf.tidy(() => {
    const eye = tf.expandDims(tf.eye(3), 0);
    const own = { 'a.lora_A.weight': eye, 'a.lora_B.weight': eye, 'a.lora_E': tf.ones([1, 3, 1]) };
    expect(orthogonality(own, tf.ones([1, 3])).dataSync()[0]).toBe(0);
    const doubled = { ...own, 'a.lora_A.weight': tf.mul(eye, 2) };
    expect(orthogonality(doubled, tf.ones([1, 3])).dataSync()[0]).toBe(27); // |4 I - I|²
  });
});
