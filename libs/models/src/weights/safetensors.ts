import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { FilePart } from './file-part.js';
import { readBytes } from './read-bytes.js';
import { floatToFloat16 } from './half.js';
import { withRegularFile } from './regular-file.js';
import { bytesOf, widened } from './safetensors-types.js';

/** A tensor of a file, widened to float32 (or int32). What is in a file is read anew whenever its values are
 *  asked for. */
export interface StoredTensor {
  shape: number[];
  readonly type?: string; // in the file it comes from; absent: float32
  readonly values: Float32Array | Int32Array;
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

const longestHeader = 100e6; // bytes; the format's own limit

/** Reads a safetensors file. Every claim of its header is checked against the file before memory is taken for
 *  it; a hostile or truncated file gives an Error that names the file and the tensor. F64, F32, F16, BF16,
 *  I32 and I64 have values; the values of another type give an Error when they are asked for, so that a
 *  tensor that nobody needs does no harm. */
export function readSafetensors(path: string): Map<string, StoredTensor> {
  return withRegularFile(path, (file, found) => {
    const { entries, start } = header(file, found.size, path);
    return new Map(
      entries.map(([name, { dtype: type, shape, data_offsets: offsets }]) => {
        const part = new FilePart(path, found, start + offsets[0], offsets[1] - offsets[0]);
        const tensor = {
          shape,
          type,
          get values() {
            const values = widened(type, part.bytes());
            if (!values)
              throw new Error(`tensor ${name} of ${path} is of type ${type}, whose values are not read here`);
            return values;
          },
        };
        return [name, tensor];
      }),
    );
  });
}

function header(file: number, size: number, path: string): { entries: [string, Entry][]; start: number } {
  const fail = (what: string): never => {
    throw new Error(`${path} is not a sound safetensors file: ${what}`);
  };
  if (size < 8) fail(`it has ${size} bytes`);
  const prefix = readBytes(file, 0, 8);
  const length = Number(new DataView(prefix.buffer).getBigUint64(0, true));
  if (length > longestHeader || 8 + length > size)
    fail(`its header claims ${length} bytes of a file of ${size}`);
  const text = readBytes(file, 8, length);
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(text));
  } catch {
    fail('its header is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null) fail('its header is not an object');
  const entries = Object.entries(parsed as Record<string, Entry>).filter(([name]) => name !== '__metadata__');
  const dataBytes = size - 8 - length;
  for (const [name, entry] of entries) checkEntry(name, entry, dataBytes, fail);
  checkLayout(entries, dataBytes, fail);
  return { entries, start: 8 + length };
}

function checkEntry(name: string, entry: Entry, dataBytes: number, fail: (what: string) => never): void {
  const { dtype, shape, data_offsets: offsets } = entry ?? {};
  const width = Object.hasOwn(bytesOf, dtype) ? bytesOf[dtype] : undefined;
  if (width === undefined)
    fail(`tensor ${name} has type ${dtype}; known are ${Object.keys(bytesOf).join(', ')}`);
  if (!Array.isArray(shape) || !shape.every((d) => Number.isSafeInteger(d) && d >= 0))
    fail(`tensor ${name} has no shape`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every((o) => Number.isSafeInteger(o)))
    fail(`tensor ${name} has no offsets`);
  const [from, to] = offsets;
  if (from < 0 || to < from || to > dataBytes)
    fail(`tensor ${name} lies at bytes ${from} to ${to} of ${dataBytes}`);
  const expected = shape.reduce((a, b) => a * b, 1) * width!;
  if (to - from !== expected)
    fail(`tensor ${name} [${shape.join(', ')}] ${dtype} needs ${expected} bytes and has ${to - from}`);
}

/** The format has no holes: tensors follow each other from the header's end to the file's. */
function checkLayout(entries: [string, Entry][], dataBytes: number, fail: (what: string) => never): void {
  const sorted = entries.toSorted(
    ([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  );
  let [before, end] = ['the header', 0];
  for (const [
    name,
    {
      data_offsets: [from, to],
    },
  ] of sorted) {
    if (from < end) fail(`tensors ${before} and ${name} overlap`);
    if (from > end) fail(`${from - end} bytes lie unclaimed before tensor ${name}`);
    [before, end] = [name, to];
  }
  if (end < dataBytes) fail(`${dataBytes - end} bytes follow the last tensor`);
}

/** Writes float tensors as F32 or F16, in name order; the file appears whole or not at all. Values are asked
 *  for once, one tensor at a time. */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  dtype: 'F32' | 'F16',
): void {
  const names = [...tensors.keys()].toSorted();
  const width = bytesOf[dtype]!;
  let offset = 0;
  const entries = names.map((name) => {
    const { shape } = tensors.get(name)!;
    const from = offset;
    offset += shape.reduce((a, b) => a * b, 1) * width;
    return [name, { dtype, shape, data_offsets: [from, offset] }];
  });
  const json = JSON.stringify({ __metadata__: { format: 'pt' }, ...Object.fromEntries(entries) });
  // data starts on 8 bytes
  const text = new TextEncoder().encode(json.padEnd(Math.ceil(json.length / 8) * 8));
  const prefix = new Uint8Array(8);
  new DataView(prefix.buffer).setBigUint64(0, BigInt(text.length), true);
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeSynced(temporary, (write) => {
      write(prefix);
      write(text);
      for (const name of names) write(narrowed(tensors.get(name)!, dtype));
    });
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function writeSynced(path: string, fill: (write: (bytes: Uint8Array) => void) => void): void {
  const file = openSync(path, 'w');
  try {
    fill((bytes) => writeAll(file, bytes));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function narrowed({ values }: StoredTensor, dtype: 'F32' | 'F16'): Uint8Array {
  const stored = dtype === 'F16' ? floatToFloat16(values) : values;
  return new Uint8Array(stored.buffer as ArrayBuffer, stored.byteOffset, stored.byteLength);
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, bytes.length - done);
}
