import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {
  atText,
  batchOf,
  type DecoderReference,
  fixtureFolder,
  gap,
  readFixture,
} from '../fixtures/reference.js';
import { loadModel } from '../load-model.js';
import type { DecoderModel } from '../model.js';
import { dequantised } from './dequantise.js';
import { readGguf } from './gguf.js';

const tiny = join(fixtureFolder('gguf'), 'tiny', 'tiny.gguf');

describe('dequantised', () => {
  const blocks =
    readFixture<{ name: string; type: number; bytes: string; values: number[] }[]>('gguf/blocks.json');

  it.each(blocks)('reads $name as the gguf package does', ({ type, bytes, values }) => {
    const actual = dequantised(type, Uint8Array.from(Buffer.from(bytes, 'base64')));
    expect(actual).toHaveLength(values.length);
    const largest = Math.max(...values.map(Math.abs));
    values.forEach((v, i) => expect(Math.abs(actual[i]! - v)).toBeLessThan(1e-6 * largest));
  });
});

describe('a LLaMA out of a GGUF file', () => {
  let model: DecoderModel;
  beforeAll(async () => {
    await tf.setBackend('cpu');
    model = (await loadModel(join(fixtureFolder('gguf'), 'tiny'))) as DecoderModel;
  });

  it("has the Hugging Face folder's weights and logits", async () => {
    const original = await loadModel(fixtureFolder('llama'));
    expect(Object.keys(model.weights).toSorted()).toEqual(Object.keys(original.weights).toSorted());
    for (const [name, weight] of Object.entries(original.weights))
      expect(model.weights[name]!.dataSync()).toEqual(weight.dataSync());
    const expected = readFixture<DecoderReference>('llama/expected.json');
    const batch = batchOf(expected);
    const logits = tf.tidy(() => atText(model.decode(model.weights, batch), batch.mask));
    expect(gap(logits, expected.logits)).toBeLessThan(1e-4);
  });

  it('has the tokenizer of its metadata', () => {
    const { tokenizer } = model;
    expect(tokenizer.encode(' cats é12')).toEqual([8, 5, 1, 10, 11, 12, 13]);
    expect(tokenizer.decode([8, 5, 1, 10, 11, 12, 13])).toBe(' cats é12');
    expect(tokenizer.encode('cat<|end|>')).toEqual([7, 0]);
    expect([tokenizer.padId, tokenizer.size]).toEqual([0, 40]);
  });
});

describe('a hostile GGUF file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gguf-'));
  const path = join(folder, 'hostile.gguf');
  const sound = readFileSync(tiny);
  afterAll(() => rmSync(folder, { recursive: true }));

  const changed = (change: (bytes: Buffer) => Buffer | void): void => {
    const copy = Buffer.from(sound);
    writeFileSync(path, change(copy) ?? copy);
  };
  /** Where the entry of a tensor goes on behind its name: rank, dimensions, type, offset. */
  const behind = (name: string) => sound.indexOf(name) + name.length;
  const offsetOf = (name: string) => behind(name) + 4 + 8 * sound.readUInt32LE(behind(name)) + 4;
  const embedding = 'token_embd.weight';

  it.each<[string, (b: Buffer) => Buffer | void, RegExp]>([
    ['another magic', (b) => void b.write('GGML'), /does not begin with "GGUF"/],
    ['another version', (b) => void b.writeUInt32LE(9, 4), /of version 9; known are 2 and 3/],
    [
      'absurd tensor counts',
      (b) => void b.writeBigUInt64LE(2n ** 62n, 8),
      /the number of tensors is 4611686018427387904/,
    ],
    ['more tensors than bytes', (b) => void b.writeBigUInt64LE(9_000_000n, 8), /claims 9000000 tensors/],
    [
      'a string beyond the file',
      (b) => void b.writeBigUInt64LE(1_000_000n, 24),
      /ends at byte \d+, within its header/,
    ],
    [
      'an absurd shape',
      (b) => void b.writeBigUInt64LE(2n ** 50n, behind(embedding) + 4),
      /tensor token_embd.weight .* (too large|lies at bytes)/,
    ],
    [
      'an unknown type',
      (b) => void b.writeUInt32LE(13, offsetOf(embedding) - 4),
      /tensor token_embd.weight is of type Q5_K/,
    ],
    [
      'blocks that do not fit',
      (b) => void b.writeUInt32LE(2, offsetOf(embedding) - 4),
      /rows of 16, no multiple of its blocks of 32/,
    ],
    ['a rank of 99', (b) => void b.writeUInt32LE(99, behind(embedding)), /has 99 dimensions/],
    [
      'data beyond the file',
      (b) => void b.writeBigUInt64LE(2n ** 40n, offsetOf(embedding)),
      /lies at bytes \d+ to \d+ of \d+/,
    ],
    [
      'overlapping tensors',
      (b) => void b.writeBigUInt64LE(b.readBigUInt64LE(offsetOf(embedding)), offsetOf('output_norm.weight')),
      /tensors .* and .* overlap/,
    ],
    ['a truncated end', (b) => b.subarray(0, -100), /lies at bytes \d+ to \d+ of \d+/],
    ['a truncated header', (b) => b.subarray(0, 200), /ends at byte 200, within its header/],
    ['nothing', () => Buffer.alloc(0), /does not begin with "GGUF"/],
  ])('is refused: %s', (_what, change, message) => {
    changed(change);
    expect(() => readGguf(path)).toThrow(message);
  });

  it('is refused where its frequencies are scaled by a tensor', async () => {
    changed((b) => void b.write('rope_freqs.weight', sound.indexOf(embedding)));
    await expect(loadModel(folder)).rejects.toThrow(
      'scales its rotary positions by rope_freqs.weight, which is not read here',
    );
  });

  it('never does worse than an Error, wherever it is cut or a byte is changed', () => {
    const outcome = () => {
      try {
        readGguf(path);
        return 'read';
      } catch (error) {
        return error instanceof Error && !(error instanceof TypeError) ? 'refused' : error;
      }
    };
    for (let at = 0; at < 2600; at += 37) {
      changed((b) => b.subarray(0, at));
      expect(outcome()).toBe('refused');
      changed((b) => void b.writeUInt8(b[at]! ^ 0x80, at));
      expect(['read', 'refused']).toContain(outcome());
    }
  });

  it('names a folder with two', async () => {
    changed(() => undefined);
    writeFileSync(join(folder, 'other.gguf'), sound);
    await expect(loadModel(folder)).rejects.toThrow('has several GGUF files: hostile.gguf, other.gguf');
  });
});
