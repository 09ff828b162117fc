import { createHash } from 'node:crypto';
import { type InputFile, type InputKind, isFileInput } from './input.js';

/** A file's own hash; a folder's over the paths and hashes of its files, which are in the order of their
 *  paths. Not for browsers. */
export function hashOfInput(kind: InputKind, files: readonly Pick<InputFile, 'path' | 'hash'>[]): string {
  if (isFileInput(kind)) return files[0]!.hash;
  return createHash('sha256')
    .update(JSON.stringify(files.map((f) => [f.path, f.hash])))
    .digest('hex');
}
