import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** The built form of a file beside the caller's: threads run what was built, also where the caller runs from
 *  its source. */
export function builtFile(folder: string, name: string): string {
  if (existsSync(join(folder, name))) return join(folder, name);
  let root = folder;
  while (!existsSync(join(root, 'package.json'))) root = dirname(root);
  return join(root, 'dist', relative(root, folder), name);
}
