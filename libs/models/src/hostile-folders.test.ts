/** Folders that are broken, or made to harm: each ends as an Error with a sentence, before memory is taken
 *  for what it claims. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { fixtureFolder } from './fixtures/reference.js';
import { loadModel } from './load-model.js';
import { readSafetensors, type StoredTensor, writeSafetensors } from './weights/safetensors.js';

const home = mkdtempSync(join(tmpdir(), 'hostile-'));
const folder = join(home, 'model');
const file = (name: string) => join(folder, name);

beforeAll(() => tf.setBackend('cpu'));
afterAll(() => rmSync(home, { recursive: true }));

function copied(family: string): void {
  rmSync(folder, { recursive: true, force: true });
  cpSync(fixtureFolder(family), folder, { recursive: true });
}
function configured(change: Record<string, unknown>): void {
  const config = JSON.parse(readFileSync(file('config.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(file('config.json'), JSON.stringify({ ...config, ...change }));
}
/** As it is written: JSON.stringify would make null of it. */
function written(field: string, text: string): void {
  const config = JSON.parse(readFileSync(file('config.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(
    file('config.json'),
    `{"${field}": ${text}, ${JSON.stringify({ ...config, [field]: undefined }).slice(1)}`,
  );
}
function replaced(name: string, make: (path: string) => void): void {
  rmSync(file(name), { recursive: true, force: true });
  make(file(name));
}
function weights(change: (tensors: Map<string, StoredTensor>) => void): void {
  const tensors = new Map(
    [...readSafetensors(file('model.safetensors'))].map(([n, { shape, values }]) => [n, { shape, values }]),
  );
  change(tensors);
  writeSafetensors(file('model.safetensors'), tensors, 'F32');
}
const pipe = (path: string) => void expect(spawnSync('mkfifo', [path]).status).toBe(0);

it.each([
  'config.json',
  'model.safetensors',
  'tokenizer.json',
  'tokenizer_config.json',
  'generation_config.json',
  'modules.json',
])('names a %s that is a pipe, a folder or a link to nothing', async (name) => {
  copied('bert');
  replaced(name, pipe);
  await expect(loadModel(folder)).rejects.toThrow(`${file(name)} is a pipe; expected a file`);
  replaced(name, mkdirSync);
  await expect(loadModel(folder)).rejects.toThrow(`${file(name)} is a folder; expected a file`);
  replaced(name, (path) => symlinkSync(path, path));
  if (['generation_config.json', 'modules.json'].includes(name)) return; // what is not there is not asked for
  await expect(loadModel(folder)).rejects.toThrow(`${file(name)} is a link to itself`);
  replaced(name, (path) => symlinkSync('/nowhere', path));
  await expect(loadModel(folder)).rejects.toThrow(`${file(name)} is missing, or a link to nothing`);
});

it('names a shard, an index and a GGUF file that are pipes', async () => {
  copied('bert');
  replaced('model.safetensors', () => undefined);
  replaced('model.safetensors.index.json', (path) =>
    writeFileSync(path, '{"weight_map":{"a":"one.safetensors"}}'),
  );
  replaced('one.safetensors', pipe);
  await expect(loadModel(folder)).rejects.toThrow('one.safetensors is a pipe; expected a file');
  replaced('model.safetensors.index.json', pipe);
  await expect(loadModel(folder)).rejects.toThrow('model.safetensors.index.json is a pipe; expected a file');
  replaced('config.json', () => undefined);
  replaced('model.gguf', pipe);
  await expect(loadModel(folder)).rejects.toThrow('model.gguf is a pipe; expected a file');
});

it('reads a folder of links, as the cache of huggingface_hub has them', async () => {
  copied('bert');
  const links = join(home, 'links');
  mkdirSync(links);
  for (const name of ['config.json', 'model.safetensors', 'tokenizer.json'])
    symlinkSync(file(name), join(links, name));
  expect((await loadModel(links)).hash).toBe((await loadModel(folder)).hash);
});

const depths: [string, string][] = [
  ['bert', 'num_hidden_layers'],
  ['roberta', 'num_hidden_layers'],
  ['mpnet', 'num_hidden_layers'],
  ['gpt2', 'n_layer'],
  ['llama', 'num_hidden_layers'],
  ['bart', 'encoder_layers'],
  ['bart', 'decoder_layers'],
  ['t5-v1.1', 'num_layers'],
  ['t5-v1.1', 'num_decoder_layers'],
];
it.each(depths)('refuses a billion layers of %s by %s', async (family, field) => {
  copied(family);
  configured({ [field]: 1e9 });
  await expect(loadModel(folder)).rejects.toThrow(
    new RegExp(`config.json: ${field} is 1000000000, and the weights have \\d+ tensors`),
  );
});

it.each([
  ['t5-v1.1', 'decoder_start_token_id'],
  ['t5-v1.1', 'eos_token_id'],
  ['bart', 'decoder_start_token_id'],
  ['bart', 'forced_bos_token_id'],
])('refuses a token of %s that it has no embedding of, by %s', async (family, field) => {
  copied(family);
  for (const id of [-1, 40]) {
    configured({ [field]: id });
    await expect(loadModel(folder)).rejects.toThrow(
      `config.json: ${field} is ${id}; expected a token from 0 to 39`,
    );
  }
});

const widths: [string, string][] = [
  ['bert', 'vocab_size'],
  ['bert', 'intermediate_size'],
  ['bert', 'max_position_embeddings'],
  ['mpnet', 'max_position_embeddings'],
  ['gpt2', 'n_positions'],
  ['gpt2', 'n_inner'],
  ['llama', 'head_dim'],
  ['llama', 'intermediate_size'],
  ['bart', 'vocab_size'],
  ['bart', 'd_model'],
  ['t5-v1.1', 'd_ff'],
  ['t5-v1.1', 'relative_attention_num_buckets'],
];
it.each(widths)('refuses a billion in %s for %s by the tensors that do not fit', async (family, field) => {
  copied(family);
  configured({ [field]: 1e9 });
  // which would be made
  if (family === 'bart') weights((tensors) => void tensors.delete('final_logits_bias'));
  await expect(loadModel(folder)).rejects.toThrow(/do not fit its config.json: .*000000000/);
});

it.each([
  ['bert', 'hidden_size', '-16', /config.json: hidden_size: /],
  ['bert', 'num_attention_heads', '0', /config.json: num_attention_heads: /],
  ['bert', 'layer_norm_eps', '-1', /config.json: layer_norm_eps: /],
  ['bert', 'layer_norm_eps', '1e999', /config.json: layer_norm_eps: /],
  ['bert', 'layer_norm_eps', 'NaN', /config.json is no JSON/],
  ['bert', 'num_hidden_layers', '1.5', /config.json: num_hidden_layers: /],
  ['bert', 'vocab_size', '1e300', /config.json: vocab_size: /],
  ['bert', 'hidden_act', '"gelu_10"', /config.json: hidden_act: .*"gelu_new"/],
  [
    'llama',
    'rope_scaling',
    '{"type":"longrope","factor":4}',
    /rope_scaling: rope_type "longrope" is not implemented; expected default, linear/,
  ],
  [
    'llama',
    'rope_scaling',
    '{"type":"dynamic","factor":4}',
    /rope_scaling: rope_type "dynamic" is not implemented/,
  ],
  [
    'llama',
    'rope_scaling',
    '{"type":"linear","rope_type":"yarn","factor":4}',
    /rope_type is "yarn" and type "linear"; expected one of them/,
  ],
  ['llama', 'rope_scaling', '{"type":"linear"}', /rope_scaling: factor: /],
  ['llama', 'rope_scaling', '{"type":"linear","factor":4,"twist":1}', /rope_scaling: linear: .*twist/],
  ['llama', 'rope_scaling', '{"type":"linear","factor":4}', /rope_scaling and rope_parameters differ/],
  [
    'llama',
    'rope_parameters',
    '{"rope_type":"default","partial_rotary_factor":0.5}',
    /partial_rotary_factor: expected 1/,
  ],
  [
    'llama',
    'rope_parameters',
    '{"full_attention":{"rope_type":"default"}}',
    /rope_parameters: .*full_attention/,
  ],
  ['t5-v1.1', 'feed_forward_proj', '"gated-tanh"', /feed_forward_proj: .*"gated-silu"/],
  [
    't5-v1.1',
    'dense_act_fn',
    '"relu"',
    /dense_act_fn is "relu", and feed_forward_proj "gated-gelu" means "gelu_new"/,
  ],
  [
    'gpt2',
    'quantization_config',
    '{"bits":4}',
    /quantization_config is .*; expected none: this is not implemented/,
  ],
])('refuses in %s a %s of %s', async (family, field, text, message) => {
  copied(family);
  written(field, text);
  await expect(loadModel(folder)).rejects.toThrow(message);
});

it('names a weight that is no number, and frees what was read', async () => {
  copied('bert');
  weights((tensors) => void tensors.get('encoder.layer.1.output.dense.bias')!.values.fill(NaN, 3, 4));
  const before = tf.memory().numTensors;
  await expect(loadModel(folder)).rejects.toThrow(
    `tensor encoder.layer.1.output.dense.bias in ${folder} has values that are no finite number`,
  );
  expect(tf.memory().numTensors).toBe(before);
});

it('refuses weights that were cut off', async () => {
  copied('llama');
  truncateSync(file('model.safetensors'), 9000);
  await expect(loadModel(folder)).rejects.toThrow(
    /model.safetensors is not a sound safetensors file: tensor \S+ lies at bytes/,
  );
});

it('leaves out masks and positions of any type, and names weights that are no floats', async () => {
  copied('gpt2');
  const gpt2 = await loadModel(folder);
  retyped('transformer.h.0.attn.bias', 'U8', [1, 1, 4, 4], 16);
  retyped('transformer.h.1.attn.masked_bias', 'BOOL', [], 1);
  expect((await loadModel(folder)).hash).toBe(gpt2.hash);
  retyped('transformer.h.0.ln_1.extra', 'I64', [1], 8);
  await expect(loadModel(folder)).rejects.toThrow('transformer.h.0.ln_1.extra is not part of this model');

  for (const [type, bytes] of [
    ['I64', 96],
    ['U8', 12],
    ['BOOL', 12],
  ] as const) {
    // prettier-ignore
    copied('bert');
    retyped('embeddings.position_ids', type, [1, 12], bytes);
    expect((await loadModel(folder)).hash).toBe((await loadModel(fixtureFolder('bert'))).hash);
  }
  retyped('encoder.layer.0.output.dense.bias', 'I32', [16], 64);
  await expect(loadModel(folder)).rejects.toThrow(
    'encoder.layer.0.output.dense.bias is of type I32, expected F64, F32, F16, BF16',
  );
});

/** Puts a tensor of zeros of that type into model.safetensors, in place of one of that name. */
function retyped(name: string, dtype: string, shape: number[], bytes: number): void {
  const path = file('model.safetensors');
  const before = readFileSync(path);
  const length = Number(before.readBigUInt64LE(0));
  const header = JSON.parse(before.subarray(8, 8 + length).toString()) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  const data = before.subarray(8 + length);
  const kept = Object.entries(header).filter(([n]) => n !== name && n !== '__metadata__');
  const parts: Buffer[] = [];
  let at = 0;
  const entries = kept.map(([n, entry]) => {
    const part = data.subarray(...entry.data_offsets);
    parts.push(part);
    return [n, { ...entry, data_offsets: [at, (at += part.length)] }] as const;
  });
  const all = { ...Object.fromEntries(entries), [name]: { dtype, shape, data_offsets: [at, at + bytes] } };
  const text = Buffer.from(JSON.stringify(all));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(path, Buffer.concat([prefix, text, ...parts, Buffer.alloc(bytes)]));
}
