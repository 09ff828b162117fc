import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { PTuning } from '#contracts/methods/p-tuning.js';
import { fixtureFolder, gap } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { readSafetensors, writeSafetensors } from '#models/weights/safetensors.js';
import { loadAdapter, saveAdapter } from './adapter-files.js';
import { labels, peftOutputs } from '../fixtures/forward.js';
import { foldedPrompt } from '../prompts/p-tuning.js';

interface Expected {
  logits: number[];
  encoder?: Record<string, { shape: number[]; values: number[] }>;
}

const root = join(__dirname, '../fixtures', 'peft');
const cases = readdirSync(root).flatMap((family) =>
  readdirSync(join(root, family)).map((name) => ({ family, name })),
);
/** Adapters that have another form here, which answers alike, or none of peft's. */
const otherForm = ['lora-patterns', 'adalora-settled', 'ia3-default', 'default-prompt', 'default-ptuning'];
const getsBack = ({ family, name }: (typeof cases)[0]) =>
  !otherForm.includes(name) && !(['bart', 't5-v1.1'].includes(family) && name === 'prefix');

const models = new Map<string, Model>();

const tensorsOf = (folder: string) => readSafetensors(join(folder, 'adapter_model.safetensors'));

describe('Hugging Face peft', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    for (const family of readdirSync(root)) models.set(family, await loadModel(fixtureFolder(family)));
  });
  afterAll(() => models.forEach((m) => m.dispose()));

  it.each(cases)(
    '$family answers under its $name as in peft, which gets its file back',
    ({ family, name }) => {
      const [folder, model] = [join(root, family, name), models.get(family)!];
      const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected;
      const to = mkdtempSync(join(tmpdir(), 'adapter-'));
      tf.tidy(() => {
        const { config, parameters } = loadAdapter(folder, model);
        expect(gap(peftOutputs(model, config, parameters), expected.logits)).toBeLessThan(1e-4);
        saveAdapter(to, model, { config, parameters, labels, backbone: 'b' });
        if (getsBack({ family, name })) expect(tensorsOf(to)).toEqual(tensorsOf(folder));
        const again = loadAdapter(to, model);
        expect(gap(peftOutputs(model, again.config, again.parameters), expected.logits)).toBeLessThan(1e-4);
      });
      rmSync(to, { recursive: true });
    },
  );

  it.each(cases.filter((c) => c.name.startsWith('ptuning')))(
    '$family has the $name encoder of peft',
    ({ family, name }) => {
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
    },
  );
});

describe('what an adapter of peft has and this method has not', () => {
  const copied = (family: string, name: string): string => {
    const to = mkdtempSync(join(tmpdir(), 'adapter-'));
    cpSync(join(root, family, name), to, { recursive: true });
    return to;
  };

  it('is refused: a tensor beside the updates', async () => {
    const [folder, model] = [copied('bert', 'lora'), await loadModel(fixtureFolder('bert'))];
    const bias = { shape: [2], values: new Float32Array(2) };
    const tensors = new Map([
      ...tensorsOf(folder),
      ['base_model.model.encoder.layer.0.attention.self.query.bias', bias] as const,
    ]);
    writeSafetensors(join(folder, 'adapter_model.safetensors'), tensors, 'F32');
    expect(() => loadAdapter(folder, model)).toThrow(
      'the adapter has encoder.layer.0.attention.self.query.bias, expected updates',
    );
    model.dispose();
    rmSync(folder, { recursive: true });
  });
});
