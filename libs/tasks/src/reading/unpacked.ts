import { gunzipSync } from 'node:zlib';

const largest = 4 * 2 ** 30; // bytes: a file that unpacks to more is no data file of an ablation

/** The bytes of a file, unpacked where its name ends in .gz. Throws an Error naming the file where it is
 *  damaged. */
export function unpacked(path: string, bytes: Buffer): Buffer {
  if (!/\.gz$/i.test(path)) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: Math.min(largest, 2 ** 31 - 1) });
  } catch (cause) {
    throw new Error(`${path} can not be unpacked as gzip (${(cause as Error).message})`, { cause });
  }
}

/** The name of a file without what says that it is packed. */
export const withoutPacking = (path: string): string => path.replace(/\.gz$/i, '');
