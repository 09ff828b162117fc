import { createReadStream } from 'node:fs';
import { promisify } from 'node:util';
import { createGunzip, gunzip, gunzipSync } from 'node:zlib';

// bytes: what unpacks to more is no data file of an ablation
const limits = { maxOutputLength: 2 ** 31 - 1 };

const isPacked = (path: string): boolean => /\.gz$/i.test(path);

/** The bytes of a file, unpacked where its name ends in .gz. Throws an Error naming the file where it is
 *  damaged. */
export function unpacked(path: string, bytes: Buffer): Buffer {
  if (!isPacked(path)) return bytes;
  try {
    return gunzipSync(bytes, limits);
  } catch (cause) {
    throw damaged(path, cause as Error);
  }
}

/** The same on another thread, with the event loop free meanwhile. */
export async function unpackedInTurns(path: string, bytes: Buffer): Promise<Buffer> {
  if (!isPacked(path)) return bytes;
  try {
    return await promisify(gunzip)(bytes, limits);
  } catch (cause) {
    throw damaged(path, cause as Error);
  }
}

/** Bytes of a file of `size` when it is unpacked; Infinity where they are more than `most`. A small file can
 *  unpack to more than a server holds, so this looks before anybody reads. Of a damaged one it is `size`: its
 *  reader says why. */
export async function unpackedSize(path: string, size: number, most: number): Promise<number> {
  if (!isPacked(path) || size > most) return size;
  let bytes = 0;
  const file = createReadStream(path);
  const plain = createGunzip();
  file.on('error', (error) => plain.destroy(error));
  try {
    for await (const piece of file.pipe(plain) as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > most) return Infinity;
    }
    return bytes;
  } catch {
    return size;
  } finally {
    file.destroy();
  }
}

const damaged = (path: string, cause: Error): Error =>
  new Error(`${path} can not be unpacked as gzip (${cause.message})`, { cause });

/** The name of a file without what says that it is packed. */
export const withoutPacking = (path: string): string => path.replace(/\.gz$/i, '');
