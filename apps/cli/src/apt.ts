import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { say } from './output.js';

/** Installs Debian packages where that is ours to do: as root, with apt-get. Says what it does and why; false where it could not. */
export function aptInstall(packages: readonly string[], why: string): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  say(`${why}: installing ${packages.join(', ')} with apt-get …`);
  const apt = (...args: string[]) =>
    spawnSync('apt-get', args, { encoding: 'utf8', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  apt('update', '-qq');
  const { status, stderr } = apt('install', '-y', '-qq', '--no-install-recommends', ...packages);
  if (status !== 0)
    say(`apt-get could not install ${packages.join(', ')}: ${stderr.trim().split('\n').at(-1) ?? 'no reason given'}`);
  return status === 0;
}
