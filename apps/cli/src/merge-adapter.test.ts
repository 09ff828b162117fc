import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { Method } from '#contracts/method.js';
import { saveAdapter } from '#methods/files/adapter-files.js';
import { answersOf, labels, moved, underMethod } from '#methods/fixtures/forward.js';
import { canMerge } from '#methods/files/merged-model.js';
import { methodFor, methodOf } from '#methods/table.js';
import { fixtureFolder, gap } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import { readSafetensors } from '#models/weights/safetensors.js';
import { mergeAdapter } from './merge-adapter.js';

const home = mkdtempSync(join(tmpdir(), 'merge-'));
beforeAll(async () => {
  await tf.setBackend('cpu');
});
afterAll(() => rmSync(home, { recursive: true }));

/** Methods with sizes that a tiny model has. */
const sizes: Record<string, object> = {
  'top-layers': { layers: 1 },
  adalora: { rank: 3, targetRank: 2 },
  lora: { rank: 2 },
  dora: { rank: 2 },
  qlora: { rank: 2 },
};
const methods = Method.options
  .map(({ shape }) => Method.parse({ name: shape.name.value, ...sizes[shape.name.value] }))
  .filter((method) => canMerge(method));
const cases = ['bert', 'gpt2', 't5-v1.1'].flatMap((family) =>
  methods
    .filter((m) => !(m.name === 'bitfit' && family === 't5-v1.1'))
    .map((method) => ({ family, method, name: method.name })),
);

it.each(cases)(
  'a $family with $name answers merged as it does adapted, from the files of either',
  async ({ family, method }) => {
    const model = await loadModel(fixtureFolder(family));
    const [adapter, into] = [join(home, 'adapter'), join(home, 'merged', 'g-0')];
    rmSync(adapter, { recursive: true, force: true });
    const parameters = moved(methodOf(method).init(method, model, labels, 1), 3);
    saveAdapter(adapter, model, { config: method, parameters, labels, backbone: 'b' });
    const before = tf.memory().numTensors;
    mergeAdapter(adapter, method, model, into);
    expect(tf.memory().numTensors).toBe(before);
    expect(readdirSync(into)).toEqual(
      expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json']),
    );
    const merged = await loadModel(into);
    tf.tidy(() => {
      const adapted = Array.from(underMethod(model, [method], [parameters])[0]!.dataSync());
      expect(gap(answersOf(merged, merged.weights, {})[0]!, adapted)).toBeLessThan(1e-4);
      expect(gap(answersOf(model, model.weights, {})[0]!, adapted)).toBeGreaterThan(1e-2);
    });
    expect(merged.tokenizer.hash).toBe(model.tokenizer.hash);
    tf.dispose(parameters);
    for (const m of [model, merged]) m.dispose();
  },
);

it.each(['bert', 'roberta'])(
  'a %s that tags words is merged into a model for token classification, head and tags in it',
  async (family) => {
    const model = await loadModel(fixtureFolder(family));
    const method = Method.parse({ name: 'lora', rank: 2 });
    const [adapter, into] = [join(home, 'tagger', family), join(home, 'merged-tagger', family)];
    const parameters = moved(
      methodFor(method, { head: { outputs: 'labels', of: 'tokens' } }).init(method, model, labels, 1),
      3,
    );
    saveAdapter(adapter, model, { config: method, parameters, labels, tags: labels.words, backbone: 'b' });
    const before = tf.memory().numTensors;
    mergeAdapter(adapter, method, model, into);
    expect(tf.memory().numTensors).toBe(before);
    const written = JSON.parse(readFileSync(join(into, 'config.json'), 'utf8')) as Record<string, unknown>;
    const name = { bert: 'Bert', roberta: 'Roberta' }[family];
    expect(written).toMatchObject({
      ...(JSON.parse(model.config) as object),
      architectures: [`${name}ForTokenClassification`],
      id2label: { 0: 'cat', 2: 'a b' },
      label2id: { dog: 1 },
    });
    const tensors = readSafetensors(join(into, 'model.safetensors'));
    tf.tidy(() => {
      const { values } = tensors.get('classifier.weight')!;
      expect(gap(tf.transpose(parameters['classifier.weight']!), Array.from(values))).toBe(0);
      const merge = methodOf(method).merge!(method, model, parameters);
      for (const [map, t] of Object.entries(merge))
        expect(gap(t, Array.from(tensors.get(`${family}.${map}`)!.values))).toBe(0);
    });
    expect([...tensors.keys()].every((n) => n.startsWith(`${family}.e`) || n.startsWith('classifier.'))).toBe(
      true,
    );
    (await loadModel(into)).dispose();
    tf.dispose(parameters);
    model.dispose();
  },
);
