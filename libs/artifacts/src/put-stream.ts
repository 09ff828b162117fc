/** Content that comes from outside, by the hash that it is said to have. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TooLarge, WrongContent } from './faults.js';
import { patiently } from './patience.js';
import { checkedHash } from './place.js';
import type { Store } from './store.js';

/** Stores a stream under `hash`, which it is held to while it is written; content that is there already is
 *  replaced by itself. Returns its bytes. Throws WrongContent, TooLarge or StoreFault, or what the stream
 *  ends with, and leaves nothing then. */
export async function putStream(
  { place, local, patience }: Store,
  stream: Readable,
  { hash, mostBytes }: { hash: string; mostBytes: number },
): Promise<number> {
  checkedHash(hash);
  const file = local.temporary();
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
    await pipeline(stream, measure, createWriteStream(file, { flags: 'wx', flush: true }));
    const found = digest.digest('hex');
    if (found !== hash) throw new WrongContent(`the content hashes to ${found}; expected ${hash}`);
    await patiently(place, patience, () => place.write({ hash, file, bytes }));
    return bytes;
  } finally {
    await rm(file, { force: true });
  }
}
