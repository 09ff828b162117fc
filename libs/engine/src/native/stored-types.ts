import { AttrType, DataType } from './c-api.js';
import type { OpAttr } from './types.js';

/** tfjs knows no bfloat16. What it calls float32 may be stored as bfloat16: frozen weights, and what products
 *  of a step in that precision give. Ops that only move values move such ones as they are, and any other op
 *  is given them widened. So nothing above has to know. */

/** An op as it is to be run: with attributes and inputs of the types that are stored. */
interface Typed {
  attrs: OpAttr[];
  inputs: number[];
}

/** Ops that move values and compute nothing. */
const moving = new Set([
  'Reshape', 'Transpose', 'Slice', 'StridedSlice', 'Squeeze', 'ExpandDims', 'Identity', 'Tile', 'ConcatV2', 'Pack', 'Unpack', 'Split',
  'SplitV', 'GatherV2',
]); // prettier-ignore

/** `typeOf`: DataType of an input; `widened`: the same values in float32. An op that names bfloat16 itself is
 *  run as it is. */
export function typedOp(
  name: string,
  given: Typed,
  { typeOf, widened }: { typeOf(id: number): number | undefined; widened(id: number): number },
): Typed {
  const { attrs, inputs } = given;
  const isNarrow = (id: number): boolean => typeOf(id) === DataType.bfloat16;
  if (!inputs.some(isNarrow) || attrs.some((attr) => isType(attr, DataType.bfloat16))) return given;
  if (moving.has(name) && !inputs.some((id) => typeOf(id) === DataType.float))
    return {
      attrs: attrs.map((a) => (isType(a, DataType.float) ? { ...a, value: DataType.bfloat16 } : a)),
      inputs,
    };
  return { attrs, inputs: inputs.map((id) => (isNarrow(id) ? widened(id) : id)) };
}

/** Attributes of a Cast from one type to another, to the nearest value, ties to even. */
export const castAttrs = (from: number, to: number): OpAttr[] => [
  { name: 'SrcT', type: AttrType.type, value: from },
  { name: 'DstT', type: AttrType.type, value: to },
  { name: 'Truncate', type: AttrType.bool, value: false },
];

/** bfloat16 is the upper half of a float32. */
export function widenedBytes(bytes: ArrayBuffer): Float32Array {
  return new Float32Array(Uint32Array.from(new Uint16Array(bytes), (half) => half << 16).buffer);
}

/** The upper halves of float32 values, each rounded to the nearest, ties to even. */
export function narrowHalves(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const isNaN = (word & 0x7fffffff) > 0x7f800000;
    halves[i] = isNaN ? 0x7fc0 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return halves;
}

const isType = ({ type, value }: OpAttr, dtype: number): boolean => type === AttrType.type && value === dtype;
