import type { Stats } from 'node:fs';
import { FilePart } from '../weights/file-part.js';
import { readBytes } from '../weights/read-bytes.js';
import { withRegularFile } from '../weights/regular-file.js';
import type { StoredTensor } from '../weights/safetensors.js';
import { blockOf, dequantised, typeName } from './dequantise.js';

export type GgufValue = number | string | boolean | GgufValue[];

export interface Gguf {
  metadata: ReadonlyMap<string, GgufValue>;
  /** By their names in the file; shapes in row-major order, as PyTorch has them. */
  tensors: Map<string, StoredTensor>;
}

interface Entry {
  name: string;
  shape: number[];
  type: number;
  offset: number; // from the start of the data
  bytes: number;
}

const longestHeader = 256e6; // bytes of metadata and tensor list together
const mostItems = 10_000_000;

/** The metadata alone. */
export function readGgufMetadata(path: string): ReadonlyMap<string, GgufValue> {
  return opened(path, ({ size }, reader) => header(reader, size).metadata);
}

/** Reads a GGUF file, version 2 or 3: F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q4_K and Q6_K, widened to float32.
 *  Every claim is checked against the file before memory is taken for it; a hostile or truncated file gives
 *  an Error that names the file and what is wrong. */
export function readGguf(path: string): Gguf {
  return opened(path, (found, reader) => {
    const { size } = found;
    const { metadata, entries } = header(reader, size);
    const tensors = new Map<string, StoredTensor>();
    for (const { entry, start } of placed(entries, metadata, {
      headerEnd: reader.at,
      size,
      fail: reader.fail,
    })) {
      const part = new FilePart(path, found, start, entry.bytes);
      tensors.set(entry.name, {
        shape: entry.shape,
        get values() {
          return dequantised(entry.type, part.bytes());
        },
      });
    }
    return { metadata, tensors };
  });
}

function opened<T>(path: string, use: (found: Stats, reader: Reader) => T): T {
  return withRegularFile(path, (file, found) =>
    use(found, new Reader(readBytes(file, 0, Math.min(found.size, longestHeader)), path)),
  );
}

function header(r: Reader, size: number): { metadata: Map<string, GgufValue>; entries: Entry[] } {
  if (size < 24 || r.uint32() !== 0x46554747) r.fail('it does not begin with "GGUF"');
  const version = r.uint32();
  if (version !== 2 && version !== 3) r.fail(`it is of version ${version}; known are 2 and 3`);
  const tensorCount = r.count('tensors');
  const metadataCount = r.count('metadata entries');
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < metadataCount; i++) {
    const key = r.string();
    metadata.set(key, r.value(r.uint32(), 0));
  }
  const entries = Array.from({ length: tensorCount }, () => tensorEntry(r));
  return { metadata, entries };
}

function tensorEntry(r: Reader): Entry {
  const name = r.string();
  const rank = r.uint32();
  if (rank > 4) r.fail(`tensor ${name} has ${rank} dimensions`);
  const shape = Array.from({ length: rank }, () => r.size(`a dimension of tensor ${name}`)).toReversed();
  const type = r.uint32();
  const block =
    blockOf(type) ?? r.fail(`tensor ${name} is of type ${typeName(type)}, which is not known here`);
  const items = shape.reduce((a, b) => a * b, 1);
  const row = shape.at(-1) ?? 1;
  if (!Number.isSafeInteger(items)) r.fail(`tensor ${name} [${shape.join(', ')}] is too large`);
  if (row % block.items !== 0)
    r.fail(`tensor ${name} has rows of ${row}, no multiple of its blocks of ${block.items}`);
  return {
    name,
    shape,
    type,
    offset: r.size(`the offset of tensor ${name}`),
    bytes: (items / block.items) * block.bytes,
  };
}

/** Where each tensor lies in the file. Tensors may not overlap, nor reach beyond it. */
function placed(
  entries: readonly Entry[],
  metadata: ReadonlyMap<string, GgufValue>,
  { headerEnd, size, fail }: { headerEnd: number; size: number; fail: (what: string) => never },
): { entry: Entry; start: number }[] {
  const alignment = metadata.get('general.alignment') ?? 32;
  if (typeof alignment !== 'number' || !Number.isInteger(alignment) || alignment < 1 || alignment > 1 << 20)
    fail(`its alignment is ${String(alignment)}`);
  const data = Math.ceil(headerEnd / (alignment as number)) * (alignment as number);
  const seen = new Set<string>();
  let [end, before] = [data, 'the header'];
  return entries
    .map((entry) => ({ entry, start: data + entry.offset }))
    .toSorted((a, b) => a.start - b.start)
    .map((place) => {
      const { name, bytes } = place.entry;
      const to = place.start + bytes;
      if (seen.has(name)) fail(`tensor ${name} is there twice`);
      if (to > size) fail(`tensor ${name} lies at bytes ${place.start} to ${to} of ${size}`);
      if (place.start < end) fail(`tensors ${before} and ${name} overlap`);
      [end, before] = [to, name];
      seen.add(name);
      return place;
    });
}

const stringType = 8;
const arrayType = 9;

/** Little-endian values one after the other. */
class Reader {
  at = 0;
  private readonly view: DataView;
  private readonly decoder = new TextDecoder();

  constructor(
    private readonly bytes: Uint8Array,
    private readonly path: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  readonly fail: (what: string) => never = (what) => {
    throw new Error(`${this.path} is not a sound GGUF file: ${what}`);
  };

  uint32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  /** A 64-bit number that a double holds exactly. */
  size(what: string): number {
    const value = this.view.getBigUint64(this.take(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) this.fail(`${what} is ${value}`);
    return Number(value);
  }

  count(what: string): number {
    const count = this.size(`the number of ${what}`);
    return count <= mostItems && count <= this.bytes.length - this.at
      ? count
      : this.fail(`it claims ${count} ${what}`);
  }

  string(): string {
    const length = this.size('the length of a string');
    const from = this.take(length);
    return this.decoder.decode(this.bytes.subarray(from, from + length));
  }

  value(type: number, depth: number): GgufValue {
    if (type === stringType) return this.string();
    if (type !== arrayType) return this.scalar(type);
    if (depth > 2) this.fail('its metadata is nested too deeply');
    const of = this.uint32();
    const length = this.count('items of an array');
    return Array.from({ length }, () => this.value(of, depth + 1));
  }

  private scalar(type: number): number | boolean {
    const { view } = this;
    switch (type) {
      case 0:
        return view.getUint8(this.take(1));
      case 1:
        return view.getInt8(this.take(1));
      case 2:
        return view.getUint16(this.take(2), true);
      case 3:
        return view.getInt16(this.take(2), true);
      case 4:
        return this.uint32();
      case 5:
        return view.getInt32(this.take(4), true);
      case 6:
        return view.getFloat32(this.take(4), true);
      case 7:
        return view.getUint8(this.take(1)) !== 0;
      case 10:
        return Number(view.getBigUint64(this.take(8), true));
      case 11:
        return Number(view.getBigInt64(this.take(8), true));
      case 12:
        return view.getFloat64(this.take(8), true);
      default:
        return this.fail(`its metadata has a value of type ${type}`);
    }
  }

  private take(length: number): number {
    const from = this.at;
    if (length > this.bytes.length - from)
      this.fail(`it ends at byte ${this.bytes.length}, within its header`);
    this.at += length;
    return from;
  }
}
