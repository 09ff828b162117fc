import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The native TensorFlow library is not on this machine. */
export class EngineMissingError extends Error {
  constructor(folder: string) {
    super(`the TensorFlow library is not installed (looked in ${folder}); run \`./peftgrid engine install\``);
    this.name = 'EngineMissingError';
  }
}

export interface LibraryFiles {
  framework: string; // loaded first, its symbols visible to the other
  library: string;
}

/** Where peftgrid keeps what it fetches and makes. */
export function peftgridHome(): string {
  return process.env['PEFTGRID_HOME'] ?? join(homedir(), '.peftgrid');
}

/** Folder of the installed library: PEFTGRID_LIBTENSORFLOW, or what `engine install` left below the home
 *  folder. */
export function libraryFolder(home: string): string {
  return process.env['PEFTGRID_LIBTENSORFLOW'] ?? join(home, 'engine', 'tensorflow');
}

/** The two shared objects of the library. Throws EngineMissingError where they are not. */
export function findLibrary(home: string): LibraryFiles {
  const folder = libraryFolder(home);
  const [framework, library] =
    process.platform === 'darwin'
      ? ['libtensorflow_framework.2.dylib', 'libtensorflow_cc.2.dylib']
      : ['libtensorflow_framework.so.2', 'libtensorflow_cc.so.2'];
  const files = { framework: join(folder, framework), library: join(folder, library) };
  if (!existsSync(files.framework) || !existsSync(files.library)) throw new EngineMissingError(folder);
  return files;
}
