import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { batchOf, fixtureFolder, gap } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { readSafetensors } from '#models/weights/safetensors.js';
import { headStates } from '../heads/head-states.js';
import { stackedOf } from '../fixtures/forward.js';
import { countOf } from '../members/shapes.js';
import { methodFor } from '../table.js';
import { type LoadedAdapter, loadAdapter, saveAdapter } from './adapter-files.js';

interface Expected {
  ids: number[][];
  mask: number[][];
  logits: number[];
  trainable: number;
}

const root = join(__dirname, '../fixtures', 'peft-texts');
const words = ['a', 'b', 'c', 'd'];

function answers(model: Model, { config, parameters: own, head }: LoadedAdapter, texts: Expected): tf.Tensor {
  const method = methodFor(config, { head: head! });
  const { parameters, constants } = stackedOf(method, {
    model,
    configs: [config],
    members: [own],
    labels: { words },
  });
  const adaptation = method.adapt({
    config,
    model,
    frozen: model.weights,
    parameters,
    constants,
    members: 1,
  });
  const weights = method.weights(model.weights, parameters, config);
  return adaptation.head!(headStates(model, head!, { weights, adaptation, batch: batchOf(texts) }));
}

const families = ['bert-heads', 'bert', 'roberta', 'mpnet', 't5-v1.1', 'bart', 'gpt2', 'llama'];

it.each(readdirSync(root))(
  '%s: a classifier answers as in peft and transformers, which get their files back',
  async (name) => {
    const folder = join(root, name);
    const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected;
    await tf.setBackend('cpu');
    const model = await loadModel(fixtureFolder(families.find((family) => name.startsWith(family))!));
    const to = mkdtempSync(join(tmpdir(), 'classifier-'));
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const loaded = loadAdapter(folder, model);
      expect(loaded.head).toEqual({ of: 'text', outputs: 4 });
      expect(gap(answers(model, loaded, expected), expected.logits)).toBeLessThan(1e-4);
      const count = countOf(
        methodFor(loaded.config, { head: loaded.head! }).shapes(loaded.config, model, { words }),
      );
      if (!/ptuning|kept/.test(name)) expect(count).toBe(expected.trainable);

      saveAdapter(to, model, { ...loaded, labels: { words }, backbone: 'b' });
      const written = JSON.parse(readFileSync(join(to, 'adapter_config.json'), 'utf8')) as Record<
        string,
        unknown
      >;
      expect(written).toMatchObject({ task_type: 'SEQ_CLS' });
      const tensorsOf = (of: string) =>
        Object.fromEntries(readSafetensors(join(of, 'adapter_model.safetensors')));
      expect(tensorsOf(to)).toMatchObject(tensorsOf(folder));
      const again = loadAdapter(to, model);
      expect(again.labels).toEqual({ words });
      expect(gap(answers(model, again, expected), expected.logits)).toBeLessThan(1e-4);
    });
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
    rmSync(to, { recursive: true });
  },
);
