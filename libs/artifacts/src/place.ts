import type { Readable } from 'node:stream';
import type { StoreFaultKind } from './faults.js';

/** Where contents lie by their sha256: a folder, a bucket, or another peftgrid's API. A place moves bytes.
 *  The store (store.ts) verifies them and waits where a place is away. */
export interface Place {
  readonly name: string; // in sentences
  /** Bytes of those of these contents that are there. */
  sizes(hashes: readonly string[]): Promise<Map<string, number>>;
  /** Bytes of a content, or null where it is not there. It is young from here on: about to be referenced. */
  renew(hash: string): Promise<number | null>;
  /** A content as it lies there, or null. */
  read(hash: string): Promise<Readable | null>;
  /** Puts what `file` holds, all of it or nothing; the file may be moved away. */
  write(content: { hash: string; file: string; bytes: number }): Promise<void>;
  /** Forgets a content that is not what was stored. False: the place verifies what it sends, so that the
   *  bytes changed on their way. */
  forget(hash: string): Promise<boolean>;
  /** Throws where nothing can be written. */
  probe(): Promise<void>;
  /** What an error says of the place, as the end of a sentence that begins with its name; null: nothing. */
  faultOf(error: unknown): { kind: StoreFaultKind; message: string } | null;
}

export interface Content {
  hash: string;
  bytes: number;
}

export interface Collected {
  files: number;
  bytes: number;
}

/** A place that this process keeps tidy. */
export interface KeptPlace extends Place {
  contents(): AsyncIterable<Content>;
  /** Removes contents that are in no `keep` and were put or renewed before `before` (ms since 1970), and what
   *  unfinished writes left. `dryRun` removes nothing. Returns what was, or would be, removed. */
  collect(which: { keep: ReadonlySet<string>; before: number; dryRun: boolean }): Promise<Collected>;
}

/** Throws where it is none: a path must never get this far. */
export function checkedHash(hash: string): string {
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new Error(`"${hash}" is no sha256 in hexadecimal`);
  return hash;
}
