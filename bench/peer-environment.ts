import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Peers that share a virtual environment. */
export interface PeerSet {
  folder: string; // below the home
  requirements: string; // file of bench/peers
  what: string;
}

const enginePeers: PeerSet = {
  folder: 'bench-peers',
  requirements: 'requirements.txt',
  what: 'PyTorch, transformers, peft',
};
export const orchestrationPeers: PeerSet = {
  folder: 'bench-peers-orchestrator',
  requirements: 'requirements-orchestrator.txt',
  what: 'Optuna, Ray Tune',
};

/** The Python that runs the peers, in a virtual environment below `home` with their pinned packages. Made on
 *  first use (about 5 GB of downloads for the engine's). Throws with pip's last line where that fails. */
export function peerPython(
  home: string,
  peersFolder: string,
  log: (line: string) => void,
  set = enginePeers,
): string {
  const file = join(peersFolder, set.requirements);
  const requirements = readFileSync(file, 'utf8');
  const folder = join(home, set.folder);
  const python = join(folder, 'bin', 'python');
  const stamp = join(folder, 'requirements.txt');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === requirements) return python;
  mkdirSync(home, { recursive: true });
  log(`installing the peers into ${folder} (${set.what})`);
  run('python3', ['-m', 'venv', folder]);
  run(python, ['-m', 'pip', 'install', '--quiet', '-r', file]);
  writeFileSync(stamp, requirements);
  return python;
}

function run(command: string, args: string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (error) throw new Error(`${command} could not be started: ${error.message}`);
  if (status !== 0)
    throw new Error(`${command} ${args.slice(0, 3).join(' ')} failed: ${stderr.trim().split('\n').at(-1)}`);
}
