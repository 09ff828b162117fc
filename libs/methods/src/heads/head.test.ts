import * as tf from '@tensorflow/tfjs';
import { Method } from '#contracts/method.js';
import { fixtureFolder, gap } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import { headOnly } from './head.js';

const config = Method.parse({ name: 'head' }) as Parameters<typeof headOnly.check>[0];

it.each(['t5-v1.1', 'bart'])(
  'leaves the decoder of %s aside, which is there again for whoever asks',
  async (family) => {
    await tf.setBackend('cpu');
    const model = await loadModel(fixtureFolder(family));
    const names = Object.keys(model.weights).filter((name) => !Object.hasOwn(model.encoderWeights, name));
    expect(names.length).toBeGreaterThan(10);
    const before = names.map((name) => ({
      tensor: model.weights[name]!,
      values: Array.from(model.weights[name]!.dataSync()),
    }));
    const held = tf.memory().numBytes;

    const frozen = headOnly.freeze!(config, model);
    expect(names.filter((name) => Object.hasOwn(frozen, name))).toEqual([]);
    expect(before.every(({ tensor }) => tensor.isDisposed)).toBe(true);
    expect(tf.memory().numBytes).toBeLessThan(held);

    tf.dispose(frozen);
    for (const [i, name] of names.entries()) expect(gap(model.weights[name]!, before[i]!.values)).toBe(0);
    expect(tf.memory().numBytes).toBe(held);
    model.dispose();
  },
);
