import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { batchOf, fixtureFolder } from './fixtures/reference.js';
import { loadModel } from './load-model.js';
import { readSafetensors, writeSafetensors, type StoredTensor } from './weights/safetensors.js';

describe('loadModel', () => {
  let folder: string;
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'model-')), 'copy');
  });
  afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

  const copied = (name: string) => cpSync(fixtureFolder(name), folder, { recursive: true });
  const weightsFile = () => join(folder, 'model.safetensors');
  function changeConfig(change: Record<string, unknown>): void {
    const path = join(folder, 'config.json');
    writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), ...change }));
  }
  function changeWeights(change: (tensors: Map<string, StoredTensor>) => void): void {
    const tensors = readSafetensors(weightsFile());
    change(tensors);
    writeSafetensors(weightsFile(), tensors, 'F32');
  }

  it('names what a folder lacks', async () => {
    await expect(loadModel('/nowhere')).rejects.toThrow('/nowhere has no config.json');
    copied('bert');
    rmSync(weightsFile());
    await expect(loadModel(folder)).rejects.toThrow(
      'has neither model.safetensors nor model.safetensors.index.json',
    );
  });

  it('names a config that it cannot use', async () => {
    copied('bert');
    changeConfig({ model_type: 'rwkv' });
    await expect(loadModel(folder)).rejects.toThrow(
      'is of model_type "rwkv"; known are t5, mt5, bert, roberta, mpnet, gpt2, bart, llama, mistral, qwen2',
    );
    changeConfig({ model_type: 'bert', hidden_size: 'wide' });
    await expect(loadModel(folder)).rejects.toThrow(/config.json: hidden_size: .*number/);
    changeConfig({ hidden_size: 16, num_attention_heads: 3 });
    await expect(loadModel(folder)).rejects.toThrow('hidden_size 16 is no multiple of num_attention_heads 3');
    writeFileSync(join(folder, 'config.json'), '{');
    await expect(loadModel(folder)).rejects.toThrow('config.json is no JSON');
  });

  it('lists every tensor that does not fit the config, at once', async () => {
    copied('t5-v1.1');
    changeWeights((tensors) => {
      tensors.delete('shared.weight');
      tensors.set('surplus', { shape: [1], values: new Float32Array(1) });
      tensors.get('decoder.final_layer_norm.weight')!.shape = [4, 4];
    });
    await expect(loadModel(folder)).rejects.toThrow(
      /shared.weight \[40, 16\] is missing; .*final_layer_norm.weight is \[4, 4\], expected \[16\]; surplus is not part/,
    );
  });

  it('refuses a tokenizer whose ids go beyond the embeddings', async () => {
    copied('bert');
    cpSync(join(fixtureFolder('bert'), 'tokenizer.json'), join(folder, 'tokenizer.json'));
    changeConfig({ vocab_size: 39 });
    changeWeights((tensors) => {
      const { values } = tensors.get('embeddings.word_embeddings.weight')!;
      tensors.set('embeddings.word_embeddings.weight', { shape: [39, 16], values: values.slice(0, 39 * 16) });
    });
    await expect(loadModel(folder)).rejects.toThrow(
      'the tokenizer has ids up to 39, and the model has 39 embeddings',
    );
  });

  it('reads shards as one, with the same hash', async () => {
    const whole = await loadModel(fixtureFolder('bert'));
    copied('bert');
    const tensors = [...readSafetensors(weightsFile())];
    const half = tensors.length >> 1;
    writeSafetensors(join(folder, 'a.safetensors'), new Map(tensors.slice(0, half)), 'F32');
    writeSafetensors(join(folder, 'b.safetensors'), new Map(tensors.slice(half)), 'F32');
    rmSync(weightsFile());
    const map = Object.fromEntries(
      tensors.map(([name], i) => [name, i < half ? 'a.safetensors' : 'b.safetensors']),
    );
    const index = join(folder, 'model.safetensors.index.json');
    writeFileSync(index, JSON.stringify({ weight_map: map }));
    expect((await loadModel(folder)).hash).toBe(whole.hash);
    writeFileSync(index, JSON.stringify({ weight_map: { x: '../../secret.safetensors' } }));
    await expect(loadModel(folder)).rejects.toThrow(
      'names "../../secret.safetensors", which is no file of its folder',
    );
    writeFileSync(index, JSON.stringify({ weight_map: { x: 'c.safetensors' } }));
    await expect(loadModel(folder)).rejects.toThrow('names c.safetensors, which is missing');
  });

  it('reads weights that were set aside again when they are asked for, unless the file is another by then', async () => {
    copied('bert');
    const model = await loadModel(folder);
    const name = 'encoder.layer.0.output.dense.weight';
    const before = model.weights[name]!;
    const values = Array.from(before.dataSync());
    model.setAside([name]);
    expect(before.isDisposed).toBe(true);
    const again = tf.tidy(() => model.weights[name]!); // outlives who asked
    expect(Array.from(again.dataSync())).toEqual(values);
    expect(model.weights[name]).toBe(again);
    model.setAside([name]);
    changeWeights(() => undefined);
    expect(() => model.weights[name]).toThrow(`${weightsFile()} has changed while it was in use`);
    model.dispose();
  });

  it.each([
    ['bert', false],
    ['roberta', false],
    ['gpt2', false],
    ['llama-untied', true],
    ['t5-v1.1', true],
    ['bart', true],
  ])('encodes %s with the weights that encode() reads', async (family, others) => {
    const model = await loadModel(fixtureFolder(family));
    const [all, own] = [model.weights, model.encoderWeights].map((weights) => {
      const batch = batchOf({ ids: [[5, 9, 12]], mask: [[1, 1, 1]] });
      return Array.from(tf.tidy(() => model.encode(weights, batch).states).dataSync());
    });
    expect(own).toEqual(all);
    const unread = Object.keys(model.weights).filter((name) => !Object.hasOwn(model.encoderWeights, name));
    expect(unread.length > 0).toBe(others);
    expect(unread.every((name) => /decoder|lm_head|final_logits_bias/.test(name))).toBe(true);
    model.dispose();
  });

  it("takes an encoder out of another task's checkpoint", async () => {
    const plain = await loadModel(fixtureFolder('bert'));
    copied('bert');
    changeWeights((tensors) => {
      const plain = [...tensors];
      tensors.clear();
      for (const [name, tensor] of plain) tensors.set(`bert.${name}`, tensor);
      tensors.set('cls.predictions.bias', { shape: [40], values: new Float32Array(40) });
      tensors.set('bert.pooler.dense.bias', { shape: [16], values: new Float32Array(16) });
    });
    expect((await loadModel(folder)).hash).toBe(plain.hash);
  });

  it("knows transformers 5's word for an untied head", async () => {
    copied('t5-v1.1');
    changeConfig({ tie_word_embeddings: true, scale_decoder_outputs: false });
    expect(Object.keys((await loadModel(folder)).weights)).toContain('lm_head.weight');
    copied('t5-v1.0');
    changeConfig({ tie_word_embeddings: true, scale_decoder_outputs: true });
    changeWeights((tensors) => void tensors.set('lm_head.weight', tensors.get('shared.weight')!));
    expect(Object.keys((await loadModel(folder)).weights)).not.toContain('lm_head.weight');
  });
});
