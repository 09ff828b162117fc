import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { fixtureFolder } from './fixtures/reference.js';
import { loadModel } from './load-model.js';
import { saveModel } from './save-model.js';
import { initT5, t5ConfigOf } from './t5/init.js';

describe('saveModel', () => {
  const home = mkdtempSync(join(tmpdir(), 'save-'));
  const folder = join(home, 'model');
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });
  afterAll(() => rmSync(home, { recursive: true }));

  it('writes a folder that loads as the same model, over one that is there', async () => {
    const model = await loadModel(fixtureFolder('t5-v1.1'));
    for (let i = 0; i < 2; i++) {
      saveModel(folder, {
        config: model.config,
        weights: model.weights,
        tokenizerFolder: model.folder,
        dtype: 'F32',
      });
    }
    expect(readdirSync(home)).toEqual(['model']);
    const again = await loadModel(folder);
    for (const [name, weight] of Object.entries(model.weights)) {
      expect(again.weights[name]!.dataSync()).toEqual(weight.dataSync());
    }
    expect(again.hash).toBe(model.hash);
    expect(again.tokenizer.hash).toBe(model.tokenizer.hash);
  });

  it('turns a GGUF file into a Hugging Face folder', async () => {
    const model = await loadModel(join(fixtureFolder('gguf'), 'tiny'));
    saveModel(folder, {
      config: model.config,
      weights: model.weights,
      tokenizerFolder: model.folder,
      dtype: 'F32',
    });
    const again = await loadModel(folder);
    expect([again.hash, again.tokenizer.hash]).toEqual([model.hash, model.tokenizer.hash]);
    expect(again.tokenizer.padId).toBe(model.tokenizer.padId);
  });

  it('rounds to half precision', async () => {
    const config = t5ConfigOf(
      { family: 't5', dModel: 8, dKv: 4, dFf: 8, layers: 1, decoderLayers: null, heads: 2, tiedHead: true },
      40,
    );
    const weights = initT5(config, 1);
    saveModel(folder, { config, weights, tokenizerFolder: fixtureFolder('t5-v1.1'), dtype: 'F16' });
    const model = await loadModel(folder);
    const values = model.weights['shared.weight']!.dataSync();
    const original = weights.get('shared.weight')!.values;
    values.forEach((v, i) =>
      expect(Math.abs(v - original[i]!)).toBeLessThanOrEqual(Math.abs(original[i]!) / 2048),
    );
    expect(values).not.toEqual(original);
  });

  it('leaves nothing behind where the tokenizer is missing', () => {
    const config = t5ConfigOf(
      { family: 't5', dModel: 8, dKv: 4, dFf: 8, layers: 1, decoderLayers: null, heads: 2, tiedHead: true },
      40,
    );
    const target = join(home, 'other');
    expect(() =>
      saveModel(target, { config, weights: initT5(config, 1), tokenizerFolder: home, dtype: 'F32' }),
    ).toThrow(`${home} has no tokenizer.json`);
    expect(readdirSync(home)).toEqual(['model']);
  });
});
