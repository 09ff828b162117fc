import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { PTuning } from '#contracts/method.js';
import { atText, batchOf, fixtureFolder, gap } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { lastPositions } from '#models/past.js';
import { readSafetensors } from '#models/weights/safetensors.js';
import { loadAdapter, saveAdapter } from './adapter-files.js';
import { labels, passOf, texts } from './fixtures/forward.js';
import { foldedPrompt } from './p-tuning.js';

interface Expected {
  logits: number[];
  encoder?: Record<string, { shape: number[]; values: number[] }>;
}

const root = join(__dirname, 'fixtures', 'peft');
const cases = readdirSync(root).flatMap((family) => readdirSync(join(root, family)).map((name) => ({ family, name })));
const models = new Map<string, Model>();

/** Logits or states [rows, ...] in the order make_fixtures.py wrote. */
function logitsOf(
  model: Model,
  ...[config, parameters]: [Parameters<typeof passOf>[1], Parameters<typeof passOf>[2]]
): tf.Tensor {
  const { weights, adaptation } = passOf(model, config, parameters);
  const batch = batchOf(texts);
  if (model.kind === 'decoder') return atText(model.decode(weights, batch, adaptation), batch.mask);
  const encoded = model.encode(weights, batch, adaptation);
  if (model.kind === 'encoder') return atText(lastPositions(encoded.states, batch.ids.shape[1]), batch.mask);
  return model.decode(weights, encoded, tf.tensor2d(texts.decoderIds, undefined, 'int32'), adaptation);
}

describe('Hugging Face peft', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    for (const family of readdirSync(root)) models.set(family, await loadModel(fixtureFolder(family)));
  });
  afterAll(() => models.forEach((m) => m.dispose()));

  it.each(cases)('$family answers under its $name as in peft, which gets its file back', ({ family, name }) => {
    const [folder, model] = [join(root, family, name), models.get(family)!];
    const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected;
    const to = mkdtempSync(join(tmpdir(), 'adapter-'));
    tf.tidy(() => {
      const { config, parameters } = loadAdapter(folder, model);
      expect(gap(logitsOf(model, config, parameters), expected.logits)).toBeLessThan(1e-4);
      saveAdapter(to, model, { config, parameters, labels, backbone: 'b' });
      const [written, theirs] = [to, folder].map((f) => readSafetensors(join(f, 'adapter_model.safetensors')));
      for (const [key, { shape, values }] of theirs!) expect({ key, ...written!.get(key) }).toEqual({ key, shape, values });
      const again = loadAdapter(to, model);
      expect(gap(logitsOf(model, again.config, again.parameters), expected.logits)).toBeLessThan(1e-4);
    });
    rmSync(to, { recursive: true });
  });

  it.each(cases.filter((c) => c.name.startsWith('ptuning')))('$family has the $name encoder of peft', ({ family, name }) => {
    const folder = join(root, family, name);
    expect(existsSync(folder)).toBe(true);
    const { encoder } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected;
    const made = readSafetensors(join(folder, 'adapter_model.safetensors')).get('prompt_embeddings')!;
    tf.tidy(() => {
      const parameters = Object.fromEntries(
        Object.entries(encoder!).map(([key, { shape, values }]) => [
          key.replace('embedding.weight', 'embedding'),
          tf.tensor(values, shape),
        ]),
      );
      const kind = name === 'ptuning-mlp' ? 'mlp' : 'lstm';
      const config = PTuning.parse({ name: 'p-tuning', length: 3, encoder: kind, hidden: 6, form: 'peft' });
      expect(gap(foldedPrompt(config, parameters), Array.from(made.values))).toBeLessThan(1e-5);
    });
  });
});
