import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { atText, batchOf, fixtureFolder, gap } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { lastPositions } from '#models/past.js';
import { readSafetensors } from '#models/weights/safetensors.js';
import { type LoadedAdapter, loadAdapter, saveAdapter } from '../files/adapter-files.js';
import { stackedOf, texts } from '../fixtures/forward.js';
import { methodFor } from '../table.js';

const root = join(__dirname, '../fixtures', 'peft-tokens');
const tags = ['O', 'B-a', 'I-a', 'B-b'];
let model: Model;

beforeAll(async () => {
  await tf.setBackend('cpu');
  model = await loadModel(fixtureFolder('bert'));
});
afterAll(() => model.dispose());

/** Logits of the text's tokens. */
function answers({ config, parameters: own }: LoadedAdapter): tf.Tensor {
  const tagger = methodFor(config, { head: { outputs: 'labels', of: 'tokens' } });
  const { parameters, constants } = stackedOf(tagger, {
    model,
    configs: [config],
    members: [own],
    labels: { words: tags },
  });
  const adaptation = tagger.adapt({
    config,
    model,
    frozen: model.weights,
    parameters,
    constants,
    members: 1,
  });
  const batch = batchOf(texts);
  const { states } = model.encode(tagger.weights(model.weights, parameters, config), batch, adaptation);
  return adaptation.head!(atText(lastPositions(states, batch.ids.shape[1]), batch.mask));
}

it.each(readdirSync(root))("a tagger with peft's %s answers as in peft, which gets its file back", (name) => {
  const folder = join(root, name);
  const { logits } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as { logits: number[] };
  const to = mkdtempSync(join(tmpdir(), 'tagger-'));
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const loaded = loadAdapter(folder, model);
    expect(gap(answers(loaded), logits)).toBeLessThan(1e-4);
    saveAdapter(to, model, { ...loaded, labels: { words: tags }, tags, backbone: 'b' });
    const written = JSON.parse(readFileSync(join(to, 'adapter_config.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    expect(written).toMatchObject({ task_type: 'TOKEN_CLS', modules_to_save: ['classifier', 'score'] });
    const tensorsOf = (of: string) => readSafetensors(join(of, 'adapter_model.safetensors'));
    expect(tensorsOf(to)).toEqual(tensorsOf(folder));
    const again = loadAdapter(to, model);
    expect(again.tags).toEqual(tags);
    expect(gap(answers(again), logits)).toBeLessThan(1e-4);
  });
  expect(tf.memory().numTensors).toBe(before);
  rmSync(to, { recursive: true });
});
