import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { filesFitting } from '#contracts/file-patterns.js';

/** What a data folder holds of these files and patterns, below it; a file by its name and a pattern that
 *  nothing fits as they are. */
export function filesIn(folder: string, ...patterns: readonly string[]): string[] {
  return patterns.flatMap((pattern) => {
    const found = fittingIn(folder, pattern);
    return found.length > 0 ? found : [pattern];
  });
}

/** The files of a folder that fit a pattern, as paths below it, in their order; one without * as it is.
 *  Throws where a folder on the way may not be read. */
export function fittingIn(folder: string, pattern: string): string[] {
  const listing = filesFitting(pattern);
  let next = listing.next([]);
  while (!next.done) next = listing.next(namesIn(join(folder, next.value)));
  return (next as unknown as { value: string[] }).value;
}

const none = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (none.has((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
