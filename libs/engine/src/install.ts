import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { findLibrary, libraryFolder } from './library.js';
import { wheelFor } from './wheel.js';

export interface InstallOptions {
  home: string;
  cuda: boolean;
  log: (line: string) => void;
}

const roomNeeded = 2e9; // bytes: the wheel, and the library unpacked

/** Fetches the native TensorFlow library with pip into `home`, checks its hash and unpacks the two shared objects. Nothing is done
 *  where it is there already. Every failure is one sentence, and leaves nothing half installed. */
export async function installEngine({ home, cuda, log }: InstallOptions): Promise<void> {
  const folder = libraryFolder(home);
  if (isInstalled(home)) return;
  const wheel = wheelFor(process.platform, process.arch, cuda);
  mkdirSync(join(home, 'engine'), { recursive: true });
  const { bavail, bsize } = statfsSync(home);
  if (bavail * bsize < roomNeeded) {
    throw new Error(
      `the TensorFlow library needs ${roomNeeded / 1e9} GB below ${home}, and ${((bavail * bsize) / 1e9).toFixed(1)} GB are free`,
    );
  }
  const scratch = join(home, 'engine', `.download-${process.pid}`);
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch);
  try {
    log(`fetching ${wheel.requirement} with pip (about 230 MB, once) …`);
    download(wheel.requirement, wheel.platforms, wheel.python, scratch);
    const file = join(scratch, readdirSync(scratch).find((f) => f.endsWith('.whl')) ?? 'missing');
    await checkHash(file, wheel.sha256);
    log('unpacking the library …');
    unpack(file, scratch);
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(scratch, 'tensorflow'), folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  findLibrary(home);
  log('the TensorFlow library is installed');
}

function isInstalled(home: string): boolean {
  try {
    findLibrary(home);
    return true;
  } catch {
    return false;
  }
}

function download(requirement: string, platforms: string[], python: string, folder: string): void {
  const pip = spawnSync('python3', ['-m', 'pip', '--version'], { encoding: 'utf8' });
  if (pip.error) throw new Error('python3 is missing; it is needed once, to fetch the TensorFlow library with pip');
  if (pip.status !== 0)
    throw new Error('python3 has no pip; install it (Debian: apt-get install python3-pip), then run this again');
  const tags = platforms.flatMap((p) => ['--platform', p]);
  const wanted = ['--implementation', 'cp', '--python-version', python, '--abi', `cp${python.replace('.', '')}`, ...tags];
  const args = [
    '-m',
    'pip',
    'download',
    '--no-deps',
    '--only-binary=:all:',
    '--disable-pip-version-check',
    ...wanted,
    '-d',
    folder,
    requirement,
  ];
  const { status, stderr } = spawnSync('python3', args, { encoding: 'utf8', stdio: ['ignore', 'inherit', 'pipe'] });
  if (status !== 0)
    throw new Error(`pip could not fetch ${requirement}: ${stderr.trim().split('\n').at(-1) ?? 'no reason given'}`);
}

async function checkHash(file: string, expected: string | null): Promise<void> {
  if (!existsSync(file)) throw new Error('pip ended well but left no wheel');
  if (expected === null) return;
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const actual = hash.digest('hex');
  if (actual !== expected)
    throw new Error(`the wheel that was fetched has sha256 ${actual}, and ${expected} was expected: it is not used`);
}

/** Python is there (it fetched the wheel) and reads zip files. */
function unpack(wheel: string, folder: string): void {
  const program = [
    'import sys, zipfile',
    'z = zipfile.ZipFile(sys.argv[1])',
    "z.extractall(sys.argv[2], [n for n in z.namelist() if n.startswith('tensorflow/libtensorflow_')])",
  ].join('\n');
  const { status, stderr } = spawnSync('python3', ['-c', program, wheel, folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the wheel could not be unpacked: ${stderr.trim().split('\n').at(-1)}`);
}
