import { closeSync, fstatSync, openSync, readSync, type Stats } from 'node:fs';

/** Bytes of a file that are read when they are asked for, and not kept. */
export class FilePart {
  constructor(
    private readonly path: string,
    private readonly found: Stats, // of the file when the part was found in it
    private readonly at: number,
    private readonly length: number,
  ) {}

  /** Throws where the file is another by now. */
  bytes(): Uint8Array<ArrayBuffer> {
    const file = openSync(this.path, 'r');
    try {
      const { size, mtimeMs, ino } = fstatSync(file);
      if (size !== this.found.size || mtimeMs !== this.found.mtimeMs || ino !== this.found.ino)
        throw new Error(`${this.path} has changed while it was in use`);
      return readBytes(file, this.at, this.length);
    } finally {
      closeSync(file);
    }
  }
}

/** Throws where the file ends before them. */
export function readBytes(file: number, position: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const count = readSync(file, bytes, done, Math.min(length - done, 1 << 30), position + done);
    if (count === 0) throw new Error(`the file ended ${length - done} bytes early`);
    done += count;
  }
  return bytes;
}
