import type { Stats } from 'node:fs';
import { readBytes } from './read-bytes.js';
import { withRegularFile } from './regular-file.js';

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
    return withRegularFile(this.path, (file, { size, mtimeMs, ino }) => {
      if (size !== this.found.size || mtimeMs !== this.found.mtimeMs || ino !== this.found.ino)
        throw new Error(`${this.path} has changed while it was in use`);
      return readBytes(file, this.at, this.length);
    });
  }
}
