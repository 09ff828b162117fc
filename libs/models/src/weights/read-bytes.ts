import { readSync } from 'node:fs';

/** Bytes of an open file. Throws where it ends before them. */
export function readBytes(file: number, position: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const count = readSync(file, bytes, done, Math.min(length - done, 1 << 30), position + done);
    if (count === 0) throw new Error(`the file ended ${length - done} bytes early`);
    done += count;
  }
  return bytes;
}
