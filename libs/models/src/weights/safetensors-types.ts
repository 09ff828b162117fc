import { bfloat16ToFloat, float16ToFloat } from './half.js';

/** Bytes of a value, by the format's name of its type. */
export const bytesOf: Readonly<Record<string, number>> = {
  F64: 8, F32: 4, F16: 2, BF16: 2, F8_E4M3: 1, F8_E5M2: 1,
  I64: 8, I32: 4, I16: 2, I8: 1, U64: 8, U32: 4, U16: 2, U8: 1, BOOL: 1,
}; // prettier-ignore

type Bytes = Uint8Array<ArrayBuffer>;

const widenings: Readonly<Record<string, (bytes: Bytes) => Float32Array | Int32Array>> = {
  F64: ({ buffer }) => Float32Array.from(new Float64Array(buffer)), // as transformers loads it as float32
  F32: ({ buffer }) => new Float32Array(buffer),
  F16: ({ buffer }) => float16ToFloat(new Uint16Array(buffer)),
  BF16: ({ buffer }) => bfloat16ToFloat(new Uint16Array(buffer)),
  I32: ({ buffer }) => new Int32Array(buffer),
  I64: ({ buffer }) => Int32Array.from(new BigInt64Array(buffer), Number),
};

/** Types that weights may have. */
export const floatTypes: readonly string[] = ['F64', 'F32', 'F16', 'BF16'];

/** The values as float32 or int32; undefined where the type is one of those that nothing here reads. */
export function widened(type: string, bytes: Bytes): Float32Array | Int32Array | undefined {
  return Object.hasOwn(widenings, type) ? widenings[type]!(bytes) : undefined;
}
