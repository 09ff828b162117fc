import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { batchOf } from '../fixtures/reference.js';
import { makeVariant } from '../fixtures/variant-folder.js';
import { loadModel } from '../load-model.js';
import type { DecoderModel } from '../model.js';

const folder = join(mkdtempSync(join(tmpdir(), 'window-')), 'model');
beforeAll(() => tf.setBackend('cpu'));
afterAll(() => rmSync(join(folder, '..'), { recursive: true }));

const none = { attention_bias: null, mlp_bias: null };
const mistral = { ...none, model_type: 'mistral', architectures: ['MistralForCausalLM'] };
const qwen2 = { ...none, model_type: 'qwen2', architectures: ['Qwen2ForCausalLM'], sliding_window: 6 };

it.each([
  ['llama', { ...mistral, sliding_window: 6 }, 6],
  ['llama', { ...mistral, sliding_window: null }, 32],
  ['llama', mistral, 32],
  ['llama-untied', qwen2, 32],
  ['llama-untied', { ...qwen2, use_sliding_window: true, max_window_layers: 2 }, 32],
  ['llama-untied', { ...qwen2, use_sliding_window: true, max_window_layers: 1 }, 6],
  [
    'llama-untied',
    { ...qwen2, use_sliding_window: true, layer_types: ['full_attention', 'sliding_attention'] },
    6,
  ],
  [
    'llama-untied',
    { ...qwen2, use_sliding_window: true, layer_types: ['full_attention', 'full_attention'] },
    32,
  ],
])('%s with %j takes texts that every token sees whole', async (base, change, longest) => {
  makeVariant(folder, { base, change });
  const model = (await loadModel(folder)) as DecoderModel;
  expect(model.maxPositions).toBe(longest);
  const ids = Array.from({ length: longest + 1 }, (_, i) => 3 + (i % 30));
  const read = (row: number[]) =>
    tf.tidy(() => void model.decode(model.weights, batchOf({ ids: [row], mask: [row.map(() => 1)] })));
  read(ids.slice(1));
  expect(() => read(ids)).toThrow(
    `${longest + 1} positions (virtual tokens and text), and the model has ${longest}`,
  );
  model.dispose();
});
