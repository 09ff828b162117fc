import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { Method } from '#contracts/method.js';
import { fixtureFolder, gap } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { answersOf, labels, moved, underMethod } from './fixtures/forward.js';
import { cases } from './fixtures/method-cases.js';
import { saveMerged } from './files/merged-model.js';
import { countOf } from './members/shapes.js';
import { stackingOf } from './members/stacking.js';
import { methodOf } from './table.js';

const mergeable = ['lora', 'dora', 'qlora', 'adalora', 'vera', 'ia3', 'bitfit', 'top-layers', 'full'];
const ranked = ['lora', 'dora', 'qlora', 'adalora', 'vera'];
const families = ['bert', 'mpnet', 't5-v1.1', 'gpt2', 'llama', 'bart'];

/** How many there are with all of the model's, of which QLoRA sets some aside. */
function tensors(model: Model): number {
  // asked for, and so back
  expect(Object.values(model.weights).every((weight) => !weight.isDisposed)).toBe(true);
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
  it.each(carried.map((c) => ({ ...c, title: JSON.stringify(c.small) })))(
    '$title',
    ({ small, large, identity }) => {
      const configs = [Method.parse(small), Method.parse(large)];
      const method = methodOf(configs[0]!);
      const before = tensors(model);
      tf.tidy(() => {
        const fresh = configs.map((config, i) => {
          method.check(config, model);
          return method.init(config, model, labels, i + 1);
        });
        fresh.forEach((parameters, i) => {
          expect(countOf(method.shapes(configs[i]!, model, labels))).toBe(sizeOf(parameters));
        });
        const frozen = answersOf(model, model.weights, {})[0]!;
        const [start] = underMethod(model, [configs[0]!], [fresh[0]!]);
        const difference = gap(start!, Array.from(frozen.dataSync()));
        if (identity) expect(difference).toBeLessThan(1e-5);

        const trained = fresh.map((parameters, i) => moved(parameters, i + 7));
        const stacking = stackingOf(method, configs, { model, labels });
        const gang = underMethod(model, configs, trained);
        configs.forEach((config, i) => {
          const [solo] = underMethod(model, [config], [trained[i]!]);
          const values = Array.from(solo!.dataSync());
          expect(gap(gang[i]!, values)).toBeLessThan(2e-5);
          if (`${solo!.shape}` === `${frozen.shape}`) expect(gap(frozen, values)).toBeGreaterThan(1e-3);
          const own = stacking.unstack(stacking.stack(trained), i);
          expect(Object.keys(own)).toEqual(Object.keys(trained[i]!));
          if (method.fold) {
            const folded = method.fold(config, model, trained[i]!);
            expect(gap(underMethod(model, [folded.config], [folded.parameters])[0]!, values)).toBeLessThan(
              2e-5,
            );
            expect(countOf(method.shapes(folded.config, model, labels))).toBe(sizeOf(folded.parameters));
          }
          for (const [name, t] of Object.entries(own))
            expect(gap(t, Array.from(trained[i]![name]!.dataSync()))).toBe(0);
        });
      });
      expect(tensors(model)).toBe(before);
    },
  );

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
      expect(gap(answersOf(model, model.weights, {})[0]!, Array.from(adapted!.dataSync()))).toBeGreaterThan(
        1e-2,
      );
      return Array.from(adapted!.dataSync());
    });
    const saved = await loadModel(to);
    tf.tidy(() => expect(gap(answersOf(saved, saved.weights, {})[0]!, answers)).toBeLessThan(1e-4));
    saved.dispose();
    rmSync(to, { recursive: true });
  });

  it('refuses to merge what weights have no place for', () => {
    const config = Method.parse({ name: 'prompt-tuning', length: 2 });
    expect(() => saveMerged('nowhere', model, { config, parameters: {} })).toThrow(
      'prompt-tuning adds what no weights',
    );
  });
});

const sizeOf = (parameters: Record<string, tf.Tensor>): number =>
  Object.values(parameters).reduce((sum, t) => sum + t.size, 0);
