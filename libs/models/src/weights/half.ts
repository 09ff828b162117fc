const scratch = new Float32Array(1);
const bits = new Uint32Array(scratch.buffer);

let floats: Float32Array | undefined; // all 65,536 halves, made when first needed

/** IEEE 754 half precision, exactly. */
export function float16ToFloat(halves: Uint16Array): Float32Array {
  floats ??= Float32Array.from({ length: 65_536 }, (_, h) => valueOfHalf(h));
  const values = floats;
  const out = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) out[i] = values[halves[i]!]!;
  return out;
}

function valueOfHalf(h: number): number {
  const sign = h & 0x8000 ? -1 : 1;
  const exponent = (h >> 10) & 31;
  const fraction = h & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Truncated float32: the upper half of its bits. */
export function bfloat16ToFloat(halves: Uint16Array): Float32Array {
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) words[i] = halves[i]! << 16;
  return new Float32Array(words.buffer);
}

/** Rounded to the nearest half, ties to even; what is too large becomes infinite. */
export function floatToFloat16(values: ArrayLike<number>): Uint16Array {
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    scratch[0] = values[i]!;
    out[i] = halfOf(bits[0]!);
  }
  return out;
}

/** x: the bits of a float32. A carry out of the fraction rounds up into the exponent, as it should. */
function halfOf(x: number): number {
  const sign = (x >>> 16) & 0x8000;
  const exponent = ((x >>> 23) & 255) - 112;
  const fraction = x & 0x7fffff;
  if (exponent >= 31) return sign | (exponent === 143 && fraction ? 0x7e00 : 0x7c00);
  if (exponent > 0) return sign | rounded(((exponent << 23) | fraction) >>> 0, 13);
  return exponent < -10 ? sign : sign | rounded((fraction | 0x800000) >>> 0, 14 - exponent);
}

function rounded(x: number, shift: number): number {
  const half = 2 ** (shift - 1);
  const kept = Math.floor(x / 2 ** shift);
  const rest = x - kept * 2 ** shift;
  return rest > half || (rest === half && kept & 1) ? kept + 1 : kept;
}
