import { spawnSync } from 'node:child_process';
import { findLibrary } from '#engine/install/library.js';
import { installEngine } from '#engine/install/install.js';
import { aptInstall } from './apt.js';
import { say } from './output.js';

/** The TensorFlow library, fetched where it is missing. As root on Debian pip is installed too if need be. */
export async function prepareEngine(home: string, cuda = false): Promise<void> {
  if (!cuda && isThere(home)) return;
  const { status } = spawnSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore' });
  if (status !== 0)
    await aptInstall(['python3-pip'], 'pip, which fetches the TensorFlow library, is missing');
  await installEngine({ home, cuda, log: say });
}

function isThere(home: string): boolean {
  try {
    findLibrary(home);
    return true;
  } catch {
    return false;
  }
}
