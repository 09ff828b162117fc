import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { say } from './output.js';

/** Installs Debian packages where that is ours to do: as root, with apt-get. Says what it does and why; false
 *  where it could not. */
export async function aptInstall(packages: readonly string[], why: string): Promise<boolean> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  say(`${why}: installing ${packages.join(', ')} with apt-get …`);
  await apt('update', '-qq');
  const { status, errors } = await apt('install', '-y', '-qq', '--no-install-recommends', ...packages);
  if (status !== 0)
    say(
      `apt-get could not install ${packages.join(', ')}: ${errors.trim().split('\n').at(-1) || 'no reason given'}`,
    );
  return status === 0;
}

function apt(...args: string[]): Promise<{ status: number | null; errors: string }> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const child = spawn('apt-get', args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ status: null, errors: error.message }));
    child.once('close', (status) => resolve({ status, errors }));
  });
}
