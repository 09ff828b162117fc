import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** What TensorFlow says and nobody can act on: its greetings, and that an entry of its compilation cache,
 *  which it tries to read as text before it reads it as what it is, is no text; it has no flag against that.
 */
const chatter = [
  /^WARNING: All log messages before absl/,
  /^[IW]0000 /,
  /^\[libprotobuf ERROR [^\]]*\] Error parsing text-format tensorflow\.XlaSerializedCacheEntry: /,
];

/** Calls `tell` with every line of a trainer's stderr that is worth reading. */
export function heardWords(stderr: Readable, tell: (line: string) => void): void {
  createInterface({ input: stderr }).on('line', (line) => {
    if (line.trim() && !chatter.some((known) => known.test(line))) tell(line);
  });
}
