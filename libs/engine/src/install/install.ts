import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { cudaFolder, cudaWheels } from './cuda.js';
import { findLibrary, libraryFolder } from './library.js';
import { downloadWheel, unpackWheel } from './pip.js';
import { wheelFor } from './wheel.js';

export interface InstallOptions {
  home: string;
  cuda: boolean;
  log: (line: string) => void;
}

const roomNeeded = { cpu: 2e9, cuda: 10e9 }; // bytes: the largest wheel, and everything unpacked

/** Fetches the native TensorFlow library with pip into `home`, checks its hash and unpacks the two shared
 *  objects; with `cuda` the CUDA build and NVIDIA's libraries. Nothing is done where it is there already.
 *  Every failure is one sentence, and leaves nothing half installed. */
export async function installEngine(options: InstallOptions): Promise<void> {
  const { home, cuda, log } = options;
  const cudaIsThere = existsSync(cudaFolder(home));
  if (isInstalled(home) && (!cuda || cudaIsThere)) return;
  const wheel = wheelFor(process.platform, process.arch, cuda);
  mkdirSync(join(home, 'engine'), { recursive: true });
  checkRoom(home, roomNeeded[cuda ? 'cuda' : 'cpu']);
  const scratch = join(home, 'engine', `.download-${process.pid}`);
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch);
  try {
    const target = { python: wheel.python, platforms: wheel.platforms };
    log(`fetching ${wheel.requirement} with pip (about ${cuda ? 620 : 230} MB, once) …`);
    const file = await downloadWheel({ requirement: wheel.requirement, target }, scratch, log);
    await checkHash(file, wheel.sha256);
    log('unpacking the library …');
    await unpackWheel(
      file,
      { prefix: 'tensorflow/', pattern: /libtensorflow_[^/]+/ },
      join(scratch, 'tensorflow'),
    );
    if (cuda) await fetchCuda(scratch, target, log);
    moveInto(libraryFolder(home), join(scratch, 'tensorflow'));
    if (cuda) moveInto(cudaFolder(home), join(scratch, 'nvidia'));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  findLibrary(home);
  log(`the TensorFlow library is installed${cuda ? ', with CUDA' : ''}`);
}

async function fetchCuda(
  scratch: string,
  target: { python: string; platforms: string[] },
  log: (line: string) => void,
) {
  for (const [i, { requirement }] of cudaWheels.entries()) {
    log(`fetching ${requirement} (${i + 1} of ${cudaWheels.length}) …`);
    const file = await downloadWheel({ requirement, target }, scratch, log);
    const pattern = /[^/]+\/(lib|bin|nvvm)\/.+/; // headers stay out
    await unpackWheel(file, { prefix: 'nvidia/', pattern }, join(scratch, 'nvidia'));
  }
}

function moveInto(folder: string, from: string): void {
  rmSync(folder, { recursive: true, force: true });
  renameSync(from, folder);
}

function checkRoom(home: string, needed: number): void {
  const { bavail, bsize } = statfsSync(home);
  if (bavail * bsize >= needed) return;
  const free = ((bavail * bsize) / 1e9).toFixed(1);
  throw new Error(`the TensorFlow library needs ${needed / 1e9} GB below ${home}, and ${free} GB are free`);
}

function isInstalled(home: string): boolean {
  try {
    findLibrary(home);
    return true;
  } catch {
    return false;
  }
}

async function checkHash(file: string, expected: string | null): Promise<void> {
  if (expected === null) return;
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const actual = hash.digest('hex');
  if (actual !== expected)
    throw new Error(
      `the wheel that was fetched has sha256 ${actual}, and ${expected} was expected: it is not used`,
    );
}
