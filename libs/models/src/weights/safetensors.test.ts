import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectTensors } from './expect.js';
import { bfloat16ToFloat, float16ToFloat, floatToFloat16 } from './half.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';

const folder = mkdtempSync(join(tmpdir(), 'safetensors-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file with this header, and `data` zero bytes behind it. */
function hostile(header: unknown, data: number, claim?: number): string {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(claim ?? text.length), true);
  bytes.set(text, 8);
  const path = join(folder, 'hostile.safetensors');
  writeFileSync(path, bytes);
  return path;
}

describe('safetensors', () => {
  it('gives back what was written, exactly as float32 and rounded as float16', () => {
    const values = Float32Array.from([1, -2.5, 1e-3, 65504, 0, 3.25]);
    const path = join(folder, 'a.safetensors');
    writeSafetensors(path, new Map([['w', { shape: [2, 3], values }]]), 'F32');
    expect(readSafetensors(path).get('w')).toEqual({ shape: [2, 3], type: 'F32', values });
    writeSafetensors(path, new Map([['w', { shape: [2, 3], values }]]), 'F16');
    readSafetensors(path)
      .get('w')!
      .values.forEach((v, i) =>
        expect(Math.abs(v - values[i]!)).toBeLessThanOrEqual(Math.abs(values[i]!) / 2048),
      );
  });

  it('asks for the values of one tensor after the other, once', () => {
    const asked: string[] = [];
    const lazy = (name: string, value: number) => ({
      shape: [2],
      get values() {
        asked.push(name);
        return Float32Array.from([value, value]);
      },
    });
    const path = join(folder, 'lazy.safetensors');
    writeSafetensors(path, new Map([['b', lazy('b', 2)], ['a', lazy('a', 1)]]), 'F32'); // prettier-ignore
    expect(asked).toEqual(['a', 'b']);
    expect(Array.from(readSafetensors(path).get('b')!.values)).toEqual([2, 2]);
  });

  it.each([
    [
      'a header longer than the file',
      hostile.bind(null, {}, 0, 1e15),
      /claims 1000000000000000 bytes of a file of 10/,
    ],
    ['a header that is no JSON', hostile.bind(null, '{"a":', 0), /not JSON/],
    [
      'an unknown type',
      hostile.bind(null, { a: { dtype: 'F8', shape: [1], data_offsets: [0, 1] } }, 1),
      /tensor a has type F8/,
    ],
    [
      'an absurd shape',
      hostile.bind(null, { a: { dtype: 'F32', shape: [1e9, 1e9], data_offsets: [0, 4] } }, 4),
      /tensor a .* needs/,
    ],
    [
      'a negative shape',
      hostile.bind(null, { a: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }, 4),
      /tensor a has no shape/,
    ],
    [
      'data beyond the file',
      hostile.bind(null, { a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, 4),
      /bytes 0 to 8 of 4/,
    ],
    [
      'overlapping tensors',
      hostile.bind(
        null,
        {
          a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
          b: { dtype: 'F32', shape: [1], data_offsets: [4, 8] },
        },
        8,
      ),
      /tensors a and b overlap/,
    ],
    [
      'unclaimed bytes',
      hostile.bind(null, { a: { dtype: 'F32', shape: [1], data_offsets: [4, 8] } }, 8),
      /4 bytes lie unclaimed before tensor a/,
    ],
    ['bytes behind the last tensor', hostile.bind(null, {}, 3), /3 bytes follow the last tensor/],
    ['a header that is a list', hostile.bind(null, [1], 0), /not an object|tensor 0/],
    ['an entry that is nothing', hostile.bind(null, { a: null }, 0), /tensor a has type undefined/],
  ])('refuses %s', (_what, make, message) => {
    expect(() => readSafetensors(make())).toThrow(message);
  });

  it('refuses a truncated file', () => {
    const path = join(folder, 'b.safetensors');
    writeSafetensors(path, new Map([['w', { shape: [4], values: new Float32Array(4) }]]), 'F32');
    writeFileSync(path, readFileSync(path).subarray(0, -4));
    expect(() => readSafetensors(path)).toThrow(/tensor w lies at bytes 0 to 16 of 12/);
  });
});

describe('half precision', () => {
  it('gives every half back that is a number', () => {
    const halves = Uint16Array.from({ length: 65_536 }, (_, h) => h).filter(
      (h) => (h & 0x7c00) !== 0x7c00 || (h & 0x3ff) === 0,
    );
    expect(floatToFloat16(float16ToFloat(halves))).toEqual(halves);
  });

  it('knows the edges: subnormals, ties, overflow, infinities', () => {
    const values = [
      0,
      -0,
      1,
      2 ** -24,
      2 ** -14,
      65504,
      65520,
      Infinity,
      1 + 2 ** -11,
      1 + 3 * 2 ** -11,
      -1.5,
    ];
    const back = Array.from(float16ToFloat(floatToFloat16(values)));
    expect(back).toEqual([0, -0, 1, 2 ** -24, 2 ** -14, 65504, Infinity, Infinity, 1, 1 + 2 ** -9, -1.5]);
    expect(Array.from(float16ToFloat(floatToFloat16([Number.NaN])))).toEqual([Number.NaN]);
    expect(Array.from(bfloat16ToFloat(Uint16Array.from([0x3f80, 0xc000])))).toEqual([1, -2]);
  });
});

describe('expectTensors', () => {
  it('lists everything that does not fit, at once', () => {
    const found = new Map([
      ['a', { shape: [2], values: new Float32Array(2) }],
      ['x', { shape: [1], values: new Float32Array(1) }],
    ]);
    expect(() => expectTensors('dir', found, { a: [3], b: [1] })).toThrow(
      /a is \[2\], expected \[3\]; b \[1\] is missing; x is not part/,
    );
  });
});
