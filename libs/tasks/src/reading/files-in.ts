import { existsSync, readdirSync } from 'node:fs';
import { sep } from 'node:path';
import { filesOfPatterns, isPattern } from '#contracts/file-patterns.js';

/** What a data folder holds of these files and patterns, below it; a file by its name and a pattern that
 *  nothing fits as they are. */
export function filesIn(folder: string, ...patterns: readonly string[]): string[] {
  const names =
    existsSync(folder) && patterns.some(isPattern)
      ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
      : [];
  const all = names.map((name) => name.replaceAll(sep, '/'));
  return patterns.flatMap((pattern) => {
    const found = isPattern(pattern) ? filesOfPatterns([pattern], all) : [];
    return found.length > 0 ? found : [pattern];
  });
}
