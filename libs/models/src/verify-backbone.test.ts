import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { backboneFacts } from './backbones.js';
import { type DecoderReference, fixtureFolder, readFixture } from './fixtures/reference.js';
import { listBackbones } from './list-backbones.js';
import { readSafetensors, writeSafetensors } from './weights/safetensors.js';
import { describeVerification, verifyBackbone } from './verify-backbone.js';

const home = mkdtempSync(join(tmpdir(), 'verify-'));
const options = { home, log: () => undefined };
afterAll(() => rmSync(home, { recursive: true }));

describe('verifyBackbone', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it("gives a decoder's logits for given ids, and leaves nothing on the device", async () => {
    const expected = readFixture<DecoderReference>('gpt2/expected.json');
    const before = tf.memory().numTensors;
    const found = await verifyBackbone(fixtureFolder('gpt2'), { ...options, ids: expected.ids[0]! });
    expect(tf.memory().numTensors).toBe(before);
    expect(found).toMatchObject({
      family: 'gpt2',
      kind: 'decoder',
      output: 'logits',
      shape: [6, 40],
      maxPositions: 24,
    });
    found.values.forEach((v, i) => expect(Math.abs(v - expected.logits[i]!)).toBeLessThan(1e-4));
    expect(describeVerification(found)).toMatch(
      /gpt2 \(decoder\), \d+ parameters\n.*\n.*28 tensors: all there/,
    );
  });

  it.each([
    ['bert', 'hidden-states', [8, 16]],
    ['roberta', 'mask-logits', [8, 40]],
    ['bart', 'first-token-logits', [1, 40]],
    ['t5-v1.1', 'first-token-logits', [1, 40]],
  ])('knows what %s computes', async (name, output, [positions, width]) => {
    const found = await verifyBackbone(fixtureFolder(name), { ...options, text: 'the cat sat on a mat' });
    expect(found.output).toBe(output);
    expect(found.shape).toEqual([output === 'first-token-logits' ? positions : found.ids.length, width]);
    expect(found.values).toHaveLength(found.shape[0]! * width!);
  });

  it('names what it does not read', async () => {
    const folder = join(home, 'classifier');
    cpSync(fixtureFolder('bert'), folder, { recursive: true });
    const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as object;
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, wandb_run: 'x' }));
    const tensors = readSafetensors(join(folder, 'model.safetensors'));
    const all = new Map([...tensors].map(([name, { shape, values }]) => [name, { shape, values }]));
    for (const name of ['classifier.bias', 'pooler.dense.bias'])
      all.set(name, { shape: [16], values: new Float32Array(16) });
    writeSafetensors(join(folder, 'model.safetensors'), all, 'F32');
    const found = await verifyBackbone(folder, options);
    expect(found.unread).toEqual([
      "config.json's wandb_run",
      'tensor classifier.bias',
      'tensor pooler.dense.bias',
    ]);
    expect(describeVerification(found)).toContain(
      "not read: config.json's wandb_run, tensor classifier.bias",
    );
  });

  it('names what it cannot use', async () => {
    await expect(verifyBackbone('nowhere', options)).rejects.toThrow(
      'nowhere is neither a folder nor a backbone; known are',
    );
    const gpt2 = fixtureFolder('gpt2');
    await expect(verifyBackbone(gpt2, { ...options, ids: [3, 40] })).rejects.toThrow(
      'id 40 is none of the model',
    );
    await expect(verifyBackbone(gpt2, { ...options, ids: Array(30).fill(1) as number[] })).rejects.toThrow(
      'there are 30 ids, and the model has 24 positions',
    );
  });
});

describe('listBackbones', () => {
  it('says size, licence, source and hash of each, fetched or not', () => {
    const facts = backboneFacts(home);
    expect(facts.map((f) => f.name)).toEqual([
      'minilm-l3',
      'minilm-l6',
      'mpnet-base',
      'smollm2-135m',
      't5-nano',
      't5-micro',
    ]);
    const smollm2 = facts.find((f) => f.name === 'smollm2-135m')!;
    expect(smollm2).toMatchObject({ bytes: 98_362_432, folder: null });
    expect(smollm2.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(listBackbones(home)).toContain('smollm2-135m  98.4 MB  Apache-2.0');
  });
});
