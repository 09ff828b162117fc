import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The project's folder: the nearest above with a package.json, the same from the sources and from the build.
 */
export const root = above(__dirname);

/** A program of the build, e.g. built('apps/api/src/main.js'). */
export const built = (path: string): string => join(root, 'dist', path);

function above(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  if (dirname(folder) === folder) throw new Error(`no package.json above ${__dirname}`);
  return above(dirname(folder));
}
