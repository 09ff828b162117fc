import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, sep } from 'node:path';

/** Folders of this machine that a grid may name, declared by its operator. Links do not lead out of them. */
export class Roots {
  private constructor(private readonly folders: readonly string[]) {}

  /** Throws a sentence where a root is no folder. */
  static async open(paths: readonly string[]): Promise<Roots> {
    const folders: string[] = [];
    for (const path of paths) {
      const found = isAbsolute(path) ? await realpath(path).catch(() => null) : null;
      if (found === null || !(await stat(found)).isDirectory())
        throw new Error(
          `PEFTGRID_ROOTS names "${path}"; expected absolute paths of folders, with ":" between them`,
        );
      folders.push(found);
    }
    return new Roots(folders);
  }

  /** Where a path leads, if that is below a root; else null, whatever there is: nothing is told of what lies
   *  elsewhere. */
  async reach(path: string): Promise<string | null> {
    if (this.folders.length === 0 || !isAbsolute(path) || path.includes('\0')) return null;
    const found = await realpath(path).catch(() => null);
    return found !== null && this.folders.some((root) => isBelow(found, root)) ? found : null;
  }
}

const isBelow = (path: string, root: string): boolean =>
  path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
