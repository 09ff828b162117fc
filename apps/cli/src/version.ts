import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.js';

/** "0.1.0 (7d29317)": package.json's version, and the commit where the project's folder is a git checkout. */
export function version(): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const commit = existsSync(join(root, '.git'))
    ? spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout?.trim()
    : '';
  return commit ? `${version} (${commit})` : version;
}
