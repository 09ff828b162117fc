import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The Python that runs the peers, in a virtual environment below `home` with the pinned packages of bench/peers/requirements.txt.
 *  Made on first use (about 5 GB of downloads). Throws with pip's last line where that fails. */
export function peerPython(home: string, peersFolder: string, log: (line: string) => void): string {
  const requirements = readFileSync(join(peersFolder, 'requirements.txt'), 'utf8');
  const folder = join(home, 'bench-peers');
  const python = join(folder, 'bin', 'python');
  const stamp = join(folder, 'requirements.txt');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === requirements) return python;
  mkdirSync(home, { recursive: true });
  log(`installing the peers into ${folder} (PyTorch, transformers, peft)`);
  run('python3', ['-m', 'venv', folder]);
  run(python, ['-m', 'pip', 'install', '--quiet', '-r', join(peersFolder, 'requirements.txt')]);
  writeFileSync(stamp, requirements);
  return python;
}

function run(command: string, args: string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (error) throw new Error(`${command} could not be started: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ${args.slice(0, 3).join(' ')} failed: ${stderr.trim().split('\n').at(-1)}`);
}
