import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { Method } from '#contracts/method.js';
import { fixtureFolder, gap } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { answersOf, labels, moved, underMethod } from './fixtures/forward.js';
import { saveMerged } from './files/merged-model.js';
import { methodOf } from './table.js';

/** Two sizes of each method that may share a gang, and whether it begins as the frozen model. */
const cases: { small: object; large: object; identity: boolean; except?: string[] }[] = [
  { small: { name: 'prompt-tuning', length: 2 }, large: { name: 'prompt-tuning', length: 4, init: 'random' }, identity: false },
  { small: { name: 'lora', rank: 2 }, large: { name: 'lora', rank: 5, alpha: 3 }, identity: true },
  { small: { name: 'lora', rank: 3, rsLora: true }, large: { name: 'lora', rank: 4, rsLora: true }, identity: true },
  { small: { name: 'bitfit' }, large: { name: 'bitfit' }, identity: true, except: ['t5', 'llama'] },
  { small: { name: 'ia3' }, large: { name: 'ia3' }, identity: true },
  ...['houlsby', 'pfeiffer', 'parallel'].map((kind) => ({
    small: { name: 'adapter', kind, bottleneck: 3, initStd: 0 },
    large: { name: 'adapter', kind, bottleneck: 7, initStd: 0, scale: 2 },
    identity: true,
  })),
  {
    small: { name: 'prefix-tuning', length: 2, hidden: null },
    large: { name: 'prefix-tuning', length: 4, hidden: null },
    identity: false,
  },
  {
    small: { name: 'prefix-tuning', length: 3, hidden: 6 },
    large: { name: 'prefix-tuning', length: 4, hidden: 6 },
    identity: false,
  },
  {
    small: { name: 'prefix-tuning', length: 3, hidden: 6, init: 'real-words', words: 'the cat' },
    large: { name: 'prefix-tuning', length: 4, hidden: 6, init: 'real-words' },
    identity: false,
  },
  {
    small: { name: 'prefix-tuning', length: 2, hidden: 6, depth: 'embedding-only' },
    large: { name: 'prefix-tuning', length: 4, hidden: 6, depth: 'embedding-only', init: 'real-words' },
    identity: false,
  },
  ...['all', 'embedding-only'].map((depth) => ({
    small: { name: 'prefix-tuning', length: 2, hidden: null, depth, position: 'infix' },
    large: { name: 'prefix-tuning', length: 2, hidden: null, depth, position: 'infix', init: 'real-words' },
    identity: false,
    except: ['bert'],
  })),
  { small: { name: 'p-tuning-v2', length: 2 }, large: { name: 'p-tuning-v2', length: 5 }, identity: false },
  {
    small: { name: 'p-tuning-v2', length: 2, layers: [1, 1], classifier: false },
    large: { name: 'p-tuning-v2', length: 3, layers: [1, 1], classifier: false },
    identity: false,
  },
  {
    small: { name: 'mam', length: 2, hidden: 5, bottleneck: 3 },
    large: { name: 'mam', length: 3, hidden: 5, bottleneck: 4, scale: 1 },
    identity: false,
  },
  {
    small: { name: 'prompt-tuning', length: 1, place: 'encoder-and-decoder', init: 'random-positive' },
    large: { name: 'prompt-tuning', length: 3, place: 'encoder-and-decoder', init: 'random' },
    identity: false,
    except: ['bert', 'gpt2', 'llama'],
  },
  { small: { name: 'dora', rank: 2 }, large: { name: 'dora', rank: 5, alpha: 3 }, identity: true },
  {
    small: { name: 'adalora', rank: 3, targetRank: 1 },
    large: { name: 'adalora', rank: 4, targetRank: 2, alpha: 8 },
    identity: true,
  },
  { small: { name: 'qlora', rank: 2 }, large: { name: 'qlora', rank: 3 }, identity: false },
  {
    small: { name: 'unipelt', gates: false, length: 2, rank: 2 },
    large: { name: 'unipelt', gates: false, length: 3, rank: 4 },
    identity: false,
  },
  {
    small: { name: 'unipelt', length: 2, rank: 2, hidden: 5 },
    large: { name: 'unipelt', length: 3, rank: 4, hidden: 5 },
    identity: false,
    except: ['t5', 'gpt2', 'llama', 'bart'],
  },
  { small: { name: 'p-tuning', length: 2 }, large: { name: 'p-tuning', length: 4 }, identity: false },
  {
    small: { name: 'p-tuning', length: 2, encoder: 'mlp' },
    large: { name: 'p-tuning', length: 4, encoder: 'mlp' },
    identity: false,
  },
  {
    small: { name: 'p-tuning', length: 2, encoder: 'none' },
    large: { name: 'p-tuning', length: 4, encoder: 'none' },
    identity: false,
  },
  ...['none', 'lstm'].map((encoder) => ({
    small: { name: 'p-tuning', length: 2, encoder, template: '{prompt:1} {text} {prompt}' },
    large: { name: 'p-tuning', length: 2, encoder, template: '{prompt:1} {text} {prompt}' },
    identity: false,
  })),
];
const mergeable = ['lora', 'dora', 'qlora', 'adalora', 'ia3', 'bitfit', 'top-layers', 'full'];
const ranked = ['lora', 'dora', 'qlora', 'adalora'];
const families = ['bert', 't5-v1.1', 'gpt2', 'llama', 'bart'];

/** How many there are with all of the model's, of which QLoRA sets some aside. */
function tensors(model: Model): number {
  expect(Object.values(model.weights).every((weight) => !weight.isDisposed)).toBe(true); // asked for, and so back
  return tf.memory().numTensors;
}

describe.each(families)('methods on %s', (family) => {
  let model: Model;
  beforeAll(async () => {
    await tf.setBackend('cpu');
    model = await loadModel(fixtureFolder(family));
  });
  afterAll(() => model.dispose());

  const carried = cases.filter((c) => !c.except?.some((name) => family.startsWith(name)));
  it.each(carried.map((c) => ({ ...c, title: JSON.stringify(c.small) })))('$title', ({ small, large, identity }) => {
    const configs = [Method.parse(small), Method.parse(large)];
    const method = methodOf(configs[0]!);
    const before = tensors(model);
    tf.tidy(() => {
      const fresh = configs.map((config, i) => {
        method.check(config, model);
        return method.init(config, model, labels, i + 1);
      });
      fresh.forEach((parameters, i) => {
        expect(method.count(configs[i]!, model, labels)).toBe(sizeOf(parameters));
      });
      const frozen = answersOf(model, model.weights, {})[0]!;
      const [start] = underMethod(model, [configs[0]!], [fresh[0]!]);
      const difference = gap(start!, Array.from(frozen.dataSync()));
      if (identity) expect(difference).toBeLessThan(1e-5);

      const trained = fresh.map((parameters, i) => moved(parameters, i + 7));
      const gang = underMethod(model, configs, trained);
      configs.forEach((config, i) => {
        const [solo] = underMethod(model, [config], [trained[i]!]);
        const values = Array.from(solo!.dataSync());
        expect(gap(gang[i]!, values)).toBeLessThan(2e-5);
        if (`${solo!.shape}` === `${frozen.shape}`) expect(gap(frozen, values)).toBeGreaterThan(1e-3);
        const stacked = method.stack(configs, trained).parameters;
        const own = method.unstack(config, stacked, i);
        expect(Object.keys(own)).toEqual(Object.keys(trained[i]!));
        if (method.fold) {
          const folded = method.fold(config, model, trained[i]!);
          expect(gap(underMethod(model, [folded.config], [folded.parameters])[0]!, values)).toBeLessThan(2e-5);
          expect(method.count(folded.config, model, labels)).toBe(sizeOf(folded.parameters));
        }
        for (const [name, t] of Object.entries(own)) expect(gap(t, Array.from(trained[i]![name]!.dataSync()))).toBe(0);
      });
    });
    expect(tensors(model)).toBe(before);
  });

  const merging = mergeable.filter((name) => !(name === 'bitfit' && /^(t5|llama)/.test(family)));
  it.each(merging)('answers as merged weights do, and as the folder they are saved to: %s', async (name) => {
    const config = Method.parse({
      name,
      ...(name === 'top-layers' && { layers: 1 }),
      ...(ranked.includes(name) && { rank: 3 }),
      ...(name === 'adalora' && { targetRank: 2 }),
    });
    const method = methodOf(config);
    const to = mkdtempSync(join(tmpdir(), 'merged-'));
    const answers = tf.tidy(() => {
      const trained = moved(method.init(config, model, labels, 1), 3);
      saveMerged(to, model, { config, parameters: trained });
      const [adapted] = underMethod(model, [config], [trained]);
      const merged = { ...model.weights, ...method.merge!(config, model, trained) };
      expect(Object.keys(merged)).toEqual(Object.keys(model.weights));
      const difference = gap(answersOf(model, merged, {})[0]!, Array.from(adapted!.dataSync()));
      expect(difference).toBeLessThan(1e-4);
      expect(gap(answersOf(model, model.weights, {})[0]!, Array.from(adapted!.dataSync()))).toBeGreaterThan(1e-2);
      return Array.from(adapted!.dataSync());
    });
    const saved = await loadModel(to);
    tf.tidy(() => expect(gap(answersOf(saved, saved.weights, {})[0]!, answers)).toBeLessThan(1e-4));
    saved.dispose();
    rmSync(to, { recursive: true });
  });

  it('refuses to merge what weights have no place for', () => {
    const config = Method.parse({ name: 'prompt-tuning', length: 2 });
    expect(() => saveMerged('nowhere', model, { config, parameters: {} })).toThrow('prompt-tuning adds what no weights');
  });
});

const sizeOf = (parameters: Record<string, tf.Tensor>): number => Object.values(parameters).reduce((sum, t) => sum + t.size, 0);
