/** Arrays as NumPy writes them (.npy, format versions 1 to 3: numpy.lib.format). */

export interface NpyHeader {
  type: string; // "<f4"
  shape: number[];
  fortran: boolean; // column by column
  start: number; // byte of the first value
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
export const longestNpyHeader = 1 << 16; // bytes from the file's beginning that hold it, at most

/** Of the beginning of a file. Throws an Error where it is no .npy file. */
export function npyHeader(bytes: Uint8Array): NpyHeader {
  if (!magic.every((byte, i) => bytes[i] === byte)) throw new Error('it does not begin as a .npy file does');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6]!;
  if (bytes.length < 12 || version < 1 || version > 3)
    throw new Error(`it is of version ${version}; expected 1 to 3`);
  const [from, length] = version === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  if (from + length > Math.min(bytes.length, longestNpyHeader)) throw new Error('its header is cut');
  const text = new TextDecoder('latin1').decode(bytes.subarray(from, from + length));
  const type = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const sizes = /'shape':\s*\(([\d,\s]*)\)/.exec(text)?.[1];
  if (type === undefined || order === undefined || sizes === undefined)
    throw new Error('its header names no type, order and shape of numbers');
  const shape = sizes.split(',').map((size) => size.trim()).filter(Boolean).map(Number); // prettier-ignore
  return { type, shape, fortran: order === 'True', start: from + length };
}

const widths: Readonly<Record<string, 4 | 8>> = { '<f4': 4, '<f8': 8 };

/** The values row by row. Throws an Error where they are no floats of 32 or 64 bits, little-endian, or are
 *  fewer or more than the header says. */
export function npyValues(bytes: Uint8Array, { type, shape, fortran, start }: NpyHeader): Float32Array {
  const width = Object.hasOwn(widths, type) ? widths[type]! : undefined;
  if (!width) throw new Error(`it is of type ${type}; expected ${Object.keys(widths).join(' or ')}`);
  if (fortran) throw new Error('it is in Fortran order; expected C order (numpy.ascontiguousarray)');
  const count = shape.reduce((a, b) => a * b, 1);
  if (bytes.length - start !== count * width)
    throw new Error(`it has ${bytes.length - start} bytes of values; expected ${count * width}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  const at = (i: number) => (width === 4 ? view.getFloat32(4 * i, true) : view.getFloat64(8 * i, true));
  return Float32Array.from({ length: count }, (_, i) => at(i));
}

/** A matrix's rows and columns. Throws an Error that names the shape where it is none. */
export function matrixShape(shape: readonly number[]): [number, number] {
  const [rows, columns] = shape;
  if (shape.length !== 2 || !rows || !columns)
    throw new Error(`it is of shape [${shape.join(', ')}]; expected [virtual tokens, width]`);
  return [rows, columns];
}

/** Which tensor of a safetensors file is the prompt: the only one, or the one that peft calls so. Throws an
 *  Error that lists them where neither is there. */
export function promptTensor(names: readonly string[]): string {
  const found = names.length === 1 ? names[0] : names.find((name) => name === 'prompt_embeddings');
  if (found !== undefined) return found;
  throw new Error(`it holds ${names.join(', ') || 'no tensor'}; expected one tensor, or prompt_embeddings`);
}
