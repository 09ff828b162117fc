import * as tf from '@tensorflow/tfjs';
import { Method } from '#contracts/method.js';
import { batchOf, fixtureFolder, gap, readFixture, type Reference } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { labels, moved, passOf } from '../fixtures/forward.js';
import { frozenPass } from './frozen-part.js';
import { methodOf } from '../table.js';

const inBoth = { bert: 1, roberta: 1, mpnet: 1, gpt2: 1, llama: 1, 't5-v1.1': 1, bart: 1 };
const cases = [
  // all of the encoder
  { method: { name: 'top-layers', layers: 1 }, lowest: { ...inBoth, 't5-v1.1': 2, bart: 2 } },
  {
    method: { name: 'top-layers', layers: 2 },
    lowest: { bert: 0, roberta: 0, mpnet: 0, gpt2: 0, llama: 0, 't5-v1.1': 2, bart: 2 },
  },
  { method: { name: 'p-tuning-v2', length: 3, layers: [1, 1] }, lowest: inBoth },
];

describe.each(Object.keys(inBoth) as (keyof typeof inBoth)[])('%s', (family) => {
  let model: Model;
  beforeAll(async () => {
    await tf.setBackend('cpu');
    model = await loadModel(fixtureFolder(family));
  });
  afterAll(() => model.dispose());

  it.each(cases.map((c) => ({ ...c, title: JSON.stringify(c.method) })))(
    'is frozen below what is trained: $title',
    (given) => {
      const config = Method.parse(given.method);
      const method = methodOf(config);
      const part = method.frozenBelow!(config, model)!;
      expect(part.layer).toBe(given.lowest[family]);
      tf.tidy(() => {
        const batch = batchOf(readFixture<Reference>(`${family}/expected.json`));
        const { weights, adaptation } = passOf(
          model,
          config,
          moved(method.init(config, model, labels, 1), 3),
        );
        const difference = (end: number) => {
          const frozen = model.encode(model.weights, batch, { ...frozenPass(part), end }).states;
          return gap(
            model.encode(weights, batch, { ...adaptation, end }).states,
            Array.from(frozen.dataSync()),
          );
        };
        expect(difference(part.layer)).toBe(0);
        if (part.layer < 2) expect(difference(part.layer + 1)).toBeGreaterThan(1e-3);
      });
    },
  );

  it.each(['lora', 'bitfit', 'prefix-tuning', 'prompt-tuning', 'full', 'adapter'])(
    'has no frozen part under %s',
    (name) => {
      const config = Method.parse({ name });
      expect(methodOf(config).frozenBelow?.(config, model)?.layer ?? 0).toBe(0);
    },
  );

  it('has none under prompts in all layers', () => {
    const config = Method.parse({ name: 'p-tuning-v2', length: 3 });
    expect(methodOf(config).frozenBelow!(config, model)!.layer).toBe(0);
  });
});
