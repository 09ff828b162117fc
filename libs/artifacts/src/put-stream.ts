/** Content that comes from outside, by the hash that it is said to have. */
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { keepsWhole, placeOf, settle, type Store } from './store.js';

/** What came is not what was announced. */
export class WrongContent extends Error {}

/** More came than is taken. */
export class TooLarge extends Error {}

/** Stores a stream under `hash`, which it is held to while it is written; content that is there already is replaced by itself. Returns its bytes.
 *  Throws WrongContent or TooLarge, or what the stream ends with, and leaves nothing then. */
export async function putStream(
  store: Store,
  stream: Readable,
  { hash, mostBytes }: { hash: string; mostBytes: number },
): Promise<number> {
  const place = placeOf(store, hash);
  const temporary = join(store.root, 'tmp', randomUUID());
  try {
    const digest = createHash('sha256');
    let bytes = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        digest.update(chunk);
        bytes += chunk.length;
        done(bytes > mostBytes ? new TooLarge(`more than ${mostBytes} bytes came`) : null, chunk);
      },
    });
    await pipeline(stream, measure, createWriteStream(temporary, { flags: 'wx', flush: true }));
    const found = digest.digest('hex');
    if (found !== hash) throw new WrongContent(`the content hashes to ${found}; expected ${hash}`);
    await settle(temporary, place);
    return bytes;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Whether content of this hash and size is there. It is then young again: about to be referenced. */
export const hasContent = (store: Store, { hash, bytes }: { hash: string; bytes: number }): Promise<boolean> =>
  keepsWhole(placeOf(store, hash), bytes);
