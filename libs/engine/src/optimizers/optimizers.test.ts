import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { Optimizer } from '#contracts/optimizer.js';
import { clipByGlobalNorm } from './clip.js';
import type { Tensors } from '../step/step.js';
import { optimizerRule } from './optimizer.js';

tf.env().set('PROD', true); // else tfjs's JavaScript backend advertises the native one

type Values = { matrix: number[]; vector: number[] };

/** What make_fixtures.py wrote: five steps of torch's AdamW and SGD and of transformers' Adafactor. */
interface Reference {
  clip: number | null;
  start: Values;
  gradients: Values[];
  after: Values[];
}

const references = JSON.parse(readFileSync(join(__dirname, 'fixtures', 'optimizers.json'), 'utf8')) as Record<
  string,
  Reference
>;

const adamw = { name: 'adamw', learningRate: 0.01, weightDecay: 0.1 };
const sgd = { name: 'sgd', learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 };
const configs: Record<string, object> = {
  adamw,
  'adamw, clipped': adamw,
  sgd,
  'sgd, clipped': sgd,
  adafactor: { name: 'adafactor', learningRate: 0.3, weightDecay: 1e-3 },
  'adafactor, scaled': { name: 'adafactor', learningRate: 0.3, weightDecay: 0, parameterScaling: true },
};

/** Members of a gang: the reference's problem, and the same from three times its start with twice its
 *  gradients. */
const pair = ({ matrix, vector }: Values, factor: number): Tensors => ({
  matrix: tf.stack([tf.tensor(matrix, [3, 4]), tf.mul(factor, tf.tensor(matrix, [3, 4]))]),
  vector: tf.stack([tf.tensor(vector), tf.mul(factor, tf.tensor(vector))]),
});

const first = (t: tf.Tensor): Float32Array => tf.gather(t, 0).dataSync() as Float32Array;

describe.each(Object.keys(configs))('%s', (name) => {
  it('moves as the reference does, whoever trains beside it', async () => {
    await tf.setBackend('cpu');
    const config = Optimizer.parse(configs[name]);
    const { clip, start, gradients, after } = references[name]!;
    const rule = optimizerRule(config);
    let parameters = pair(start, 3);
    let state = rule.init(parameters);
    gradients.forEach((g, i) => {
      const clipped = clip === null ? pair(g, 2) : clipByGlobalNorm(pair(g, 2), clip);
      const rates = tf.tensor1d([config.learningRate, 2 * config.learningRate]);
      const next = rule.update(parameters, clipped, state, rates, tf.scalar(i + 1));
      ({ parameters, state } = next);
      for (const key of ['matrix', 'vector'] as const) {
        first(parameters[key]!).forEach((v, j) =>
          expect(Math.abs(v - after[i]![key][j]!)).toBeLessThan(2e-6),
        );
      }
    });
  });
});
