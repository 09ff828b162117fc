import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { Method } from '#contracts/method.js';
import { fixtureFolder, gap } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { readSafetensors } from '#models/weights/safetensors.js';
import { loadAdapter, saveAdapter } from './adapter-files.js';
import { labels, moved, underMethod } from '../fixtures/forward.js';
import { methodOf } from '../table.js';

const models: Record<string, Model> = {};
const folder = mkdtempSync(join(tmpdir(), 'adapters-'));

beforeAll(async () => {
  await tf.setBackend('cpu');
  for (const family of ['bert', 't5-v1.1', 'gpt2']) models[family] = await loadModel(fixtureFolder(family));
});
afterAll(() => {
  Object.values(models).forEach((m) => m.dispose());
  rmSync(folder, { recursive: true });
});

/** Whether the file is peft's, and what trained the parameters and is of no use after it. */
const cases: { family: string; method: object; peft: boolean }[] = [
  { family: 'bert', method: { name: 'adapter', bottleneck: 3 }, peft: false },
  { family: 'bert', method: { name: 'bitfit' }, peft: false },
  { family: 'bert', method: { name: 'mam', length: 2, hidden: 4, bottleneck: 3 }, peft: false },
  { family: 'bert', method: { name: 'unipelt', length: 2, hidden: 4, bottleneck: 3, rank: 2 }, peft: false },
  { family: 'bert', method: { name: 'p-tuning-v2', length: 2, hidden: 4 }, peft: false },
  { family: 'bert', method: { name: 'p-tuning', length: 2 }, peft: true },
  { family: 'bert', method: { name: 'p-tuning', length: 2, template: '{text} {prompt}' }, peft: false },
  { family: 'bert', method: { name: 'p-tuning', length: 2, modelRate: 0.1 }, peft: false },
  {
    family: 'bert',
    method: { name: 'prefix-tuning', length: 2, hidden: 4, depth: 'embedding-only' },
    peft: false,
  },
  { family: 't5-v1.1', method: { name: 'prefix-tuning', length: 2, hidden: 4 }, peft: false },
  {
    family: 't5-v1.1',
    method: { name: 'prefix-tuning', length: 2, hidden: 4, places: ['decoder'] },
    peft: false,
  },
  { family: 'gpt2', method: { name: 'prefix-tuning', length: 2, hidden: 4 }, peft: true },
  { family: 't5-v1.1', method: { name: 'prompt-tuning', length: 2 }, peft: true },
  {
    family: 't5-v1.1',
    method: { name: 'prompt-tuning', length: 2, place: 'encoder-and-decoder' },
    peft: false,
  },
  { family: 'gpt2', method: { name: 'prefix-tuning', length: 2, hidden: 4, position: 'infix' }, peft: false },
];

it.each(cases.map((c) => ({ ...c, title: JSON.stringify(c.method) })))(
  '$family answers from the file of $title as it was trained, without what trained it',
  ({ family, method, peft }) => {
    const [model, config] = [models[family]!, Method.parse(method)];
    const at = join(folder, 'adapter');
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const parameters = moved(methodOf(config).init(config, model, labels, 1), 2);
      saveAdapter(at, model, { config, parameters, labels, backbone: 'b' });
      expect(existsSync(join(at, 'adapter_config.json'))).toBe(peft);
      const names = [
        ...readSafetensors(join(at, peft ? 'adapter_model.safetensors' : 'method.safetensors')).keys(),
      ];
      expect(
        names.filter((n) => /(prefix|encoder|decoder|cross)\.(down|up)\.|lstm_head|mlp_head/.test(n)),
      ).toEqual([]);
      const loaded = loadAdapter(at, model);
      const [trained] = underMethod(model, [config], [parameters]);
      const [again] = underMethod(model, [loaded.config], [loaded.parameters]);
      expect(gap(again!, Array.from(trained!.dataSync()))).toBeLessThan(2e-5);
    });
    expect(tf.memory().numTensors).toBe(before);
    rmSync(at, { recursive: true });
  },
);

it('says what a folder lacks', () => {
  expect(() => loadAdapter(folder, models['bert']!)).toThrow(
    'has neither adapter_config.json nor method_config.json',
  );
});
