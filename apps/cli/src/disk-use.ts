import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes below each folder of a home, the largest first; links are not followed. What can not be read counts
 *  nothing. */
export function diskUseOf(home: string): { kind: string; bytes: number }[] {
  const sums = entries(home).map((kind) => ({ kind, bytes: bytesBelow(join(home, kind)) }));
  return sums.filter(({ bytes }) => bytes >= 1e6).toSorted((a, b) => b.bytes - a.bytes);
}

function bytesBelow(path: string): number {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return 0;
  if (!stats.isDirectory()) return stats.isFile() ? stats.size : 0;
  return entries(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0);
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
