import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** peftgrid's version, from the nearest package.json above; "0.1.0 (7d29317)" where that folder is a git
 *  checkout. */
export function codeVersion(): string {
  const root = rootAbove(__dirname);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const commit = existsSync(join(root, '.git'))
    ? spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout?.trim()
    : '';
  return commit ? `${version} (${commit})` : version;
}

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  if (dirname(folder) === folder) throw new Error(`no package.json above ${__dirname}`);
  return rootAbove(dirname(folder));
}

/** Two programs of one version work together. Of one version and different commits they may: `close`. */
export function versionsFit(mine: string, other: string): 'same' | 'close' | 'other' {
  if (mine === other) return 'same';
  const [own, others] = [mine, other].map((text) => text.split(' ')[0]);
  if (own !== others) return 'other';
  return mine.includes('(') && other.includes('(') ? 'close' : 'same';
}
