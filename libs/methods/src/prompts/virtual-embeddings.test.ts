import * as tf from '@tensorflow/tfjs';
import { Method } from '#contracts/method.js';
import { fixtureFolder, gap } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { labels, moved } from '../fixtures/forward.js';
import { methodOf } from '../table.js';
import { virtualEmbeddings } from './virtual-embeddings.js';

const models: Record<string, Model> = {};
beforeAll(async () => {
  await tf.setBackend('cpu');
  for (const family of ['bert', 't5-v1.1', 'gpt2']) models[family] = await loadModel(fixtureFolder(family));
});
afterAll(() => Object.values(models).forEach((model) => model.dispose()));

const seen = (family: string, method: object) => {
  const model = models[family]!;
  const config = Method.parse(method);
  const parameters = moved(methodOf(config).init(config, model, labels, 1), 3);
  return { model, config, parameters, found: virtualEmbeddings(config, { model, parameters, labels }) };
};

it.each(['bert', 't5-v1.1', 'gpt2'])('are the rows of a soft prompt on %s', (family) => {
  tf.tidy(() => {
    const { found, parameters } = seen(family, { name: 'prompt-tuning', length: 3 });
    expect(gap(found!, Array.from(parameters['prompt']!.dataSync()))).toBe(0);
  });
});

it.each([
  { name: 'p-tuning', length: 2 },
  { name: 'p-tuning', length: 2, encoder: 'mlp', template: '{prompt:1} {text} the {prompt:2}' },
  { name: 'prefix-tuning', length: 2, hidden: 6, depth: 'embedding-only' },
])('are what an encoder makes of what is trained: %j', (method) => {
  tf.tidy(() => {
    const { model, config, parameters, found } = seen('bert', method);
    const folded = methodOf(config).fold!(config, model, parameters); // without its encoder
    const again = virtualEmbeddings(folded.config, { model, parameters: folded.parameters, labels });
    const [rows] = Object.values(folded.parameters);
    expect(found!.shape).toEqual(rows!.shape);
    expect(gap(found!, Array.from(again!.dataSync()))).toBeLessThan(1e-5);
    expect(gap(again!, Array.from(rows!.dataSync()))).toBe(0);
  });
});

it.each([{ name: 'lora' }, { name: 'prefix-tuning', length: 2 }, { name: 'head' }])(
  'are none of %j',
  (method) => {
    const tensors = tf.memory().numTensors;
    tf.tidy(() => expect(seen('bert', method).found).toBeNull());
    expect(tf.memory().numTensors).toBe(tensors);
  },
);
