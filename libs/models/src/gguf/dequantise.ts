/** GGUF's block formats (ggml-quants.c), widened to float32. */
import { bfloat16ToFloat, float16ToFloat } from '../weights/half.js';

interface Block {
  name: string;
  items: number;
  bytes: number;
  /** Writes a block's items to out[to …]. `half` reads the float16 at a byte. */
  unpack(b: Uint8Array, at: number, out: Float32Array, to: number, half: (at: number) => number): void;
}

const whole = () => undefined; // F32, F16, BF16 are read at once

const blocks: Record<number, Block> = {
  0: { name: 'F32', items: 1, bytes: 4, unpack: whole },
  1: { name: 'F16', items: 1, bytes: 2, unpack: whole },
  2: { name: 'Q4_0', items: 32, bytes: 18, unpack: q40 },
  3: { name: 'Q4_1', items: 32, bytes: 20, unpack: q41 },
  8: { name: 'Q8_0', items: 32, bytes: 34, unpack: q80 },
  12: { name: 'Q4_K', items: 256, bytes: 144, unpack: q4k },
  14: { name: 'Q6_K', items: 256, bytes: 210, unpack: q6k },
  30: { name: 'BF16', items: 1, bytes: 2, unpack: whole },
};

export const blockOf = (type: number): Block | undefined => blocks[type];

const others: Record<number, string> = {
  6: 'Q5_0',
  7: 'Q5_1',
  10: 'Q2_K',
  11: 'Q3_K',
  13: 'Q5_K',
  15: 'Q8_K',
};

export const typeName = (type: number): string => blocks[type]?.name ?? others[type] ?? String(type);

/** bytes: whole blocks of that type, at the start of their buffer. */
export function dequantised(type: number, bytes: Uint8Array): Float32Array {
  const { buffer, byteLength } = bytes as Uint8Array<ArrayBuffer>;
  if (type === 0) return new Float32Array(buffer, 0, byteLength / 4);
  if (type === 1) return float16ToFloat(new Uint16Array(buffer, 0, byteLength / 2));
  if (type === 30) return bfloat16ToFloat(new Uint16Array(buffer, 0, byteLength / 2));
  const block = blocks[type]!;
  const count = byteLength / block.bytes;
  const out = new Float32Array(count * block.items);
  const halves = float16ToFloat(Uint16Array.from({ length: 65_536 }, (_, i) => i));
  const half = (at: number) => halves[bytes[at]! | (bytes[at + 1]! << 8)]!;
  for (let i = 0; i < count; i++) block.unpack(bytes, i * block.bytes, out, i * block.items, half);
  return out;
}

function q40(b: Uint8Array, at: number, out: Float32Array, to: number, half: (at: number) => number): void {
  const d = half(at);
  for (let j = 0; j < 16; j++) {
    const q = b[at + 2 + j]!;
    out[to + j] = d * ((q & 15) - 8);
    out[to + 16 + j] = d * ((q >> 4) - 8);
  }
}

function q41(b: Uint8Array, at: number, out: Float32Array, to: number, half: (at: number) => number): void {
  const d = half(at);
  const m = half(at + 2);
  for (let j = 0; j < 16; j++) {
    const q = b[at + 4 + j]!;
    out[to + j] = Math.fround(d * (q & 15)) + m;
    out[to + 16 + j] = Math.fround(d * (q >> 4)) + m;
  }
}

function q80(b: Uint8Array, at: number, out: Float32Array, to: number, half: (at: number) => number): void {
  const d = half(at);
  for (let j = 0; j < 32; j++) out[to + j] = d * signed(b[at + 2 + j]!);
}

/** 8 sub-blocks of 32, each with a 6-bit scale and minimum. */
function q4k(b: Uint8Array, at: number, out: Float32Array, to: number, half: (at: number) => number): void {
  const d = half(at);
  const least = half(at + 2);
  const s = at + 4;
  const q = at + 16;
  for (let j = 0; j < 8; j++) {
    const low = j < 4;
    const scale = low ? b[s + j]! & 63 : (b[s + j + 4]! & 15) | ((b[s + j - 4]! >> 6) << 4);
    const minimum = low ? b[s + j + 4]! & 63 : (b[s + j + 4]! >> 4) | ((b[s + j]! >> 6) << 4);
    const [ds, ms] = [Math.fround(d * scale), Math.fround(least * minimum)];
    const shift = (j & 1) * 4;
    const from = q + (j >> 1) * 32;
    for (let l = 0; l < 32; l++) out[to + j * 32 + l] = Math.fround(ds * ((b[from + l]! >> shift) & 15)) - ms;
  }
}

/** 16 sub-blocks of 16 with 8-bit scales; 4 low bits of an item lie in one array and 2 high ones in another.
 */
function q6k(b: Uint8Array, at: number, out: Float32Array, to: number, half: (at: number) => number): void {
  const d = half(at + 208);
  for (let i = 0; i < 256; i++) {
    const [part, quarter, l] = [i >> 7, (i >> 5) & 3, i & 31];
    const low = (b[at + part * 64 + (quarter & 1) * 32 + l]! >> ((quarter >> 1) * 4)) & 15;
    const high = (b[at + 128 + part * 32 + l]! >> (quarter * 2)) & 3;
    const scale = signed(b[at + 192 + (i >> 4)]!);
    out[to + i] = Math.fround(d * scale) * ((low | (high << 4)) - 32);
  }
}

const signed = (byte: number): number => (byte << 24) >> 24;
