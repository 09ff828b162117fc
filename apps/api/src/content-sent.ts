import type { Request } from 'express';
import { TooLarge, WrongContent } from '#artifacts/faults.js';
import { putStream } from '#artifacts/put-stream.js';
import type { Store } from '#artifacts/store.js';
import { Refused } from './refused.js';

export const binary = 'application/octet-stream';

/** What a hash is in a path. Throws a 400. */
export function hashOf(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new Refused(400, `"${text.slice(0, 80)}" is no sha256 in hexadecimal`);
  return text;
}

/** The bytes of one file, verified while they are written: what does not hash to `hash` leaves nothing.
 *  Throws Refused. */
export async function contentSent(
  store: Store,
  request: Request,
  { hash, mostBytes, tooLarge }: { hash: string; mostBytes: number; tooLarge: string },
): Promise<void> {
  hashOf(hash);
  const type = request.headers['content-type']?.split(';')[0]!.trim().toLowerCase();
  if (type !== binary) throw new Refused(415, `the body is ${type ?? 'of no type'}; expected ${binary}`);
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) throw new Refused(413, tooLarge);
  try {
    await putStream(store, request, { hash, mostBytes });
  } catch (error) {
    if (error instanceof TooLarge) throw new Refused(413, tooLarge);
    if (error instanceof WrongContent) throw new Refused(400, `${error.message}; nothing of it was kept`);
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new Refused(507, 'the server has no room for this file');
    if (code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET')
      throw new Refused(400, 'the upload ended before all of it had come');
    throw error;
  }
}
