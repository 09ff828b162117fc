import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './root.js';

// The launcher in a folder of its own with a PATH of a few chosen programs: what it says where the machine
// lacks something.
const tools =
  'cat cmp cp df awk dirname find grep head ln ls mkdir mktemp readlink rm sh sleep tail uname'.split(' ');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'launcher-'));
  mkdirSync(join(folder, 'bin'));
  for (const tool of tools)
    symlinkSync(
      execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim(),
      join(folder, 'bin', tool),
    );
  copyFileSync(join(root, 'peftgrid'), join(folder, 'peftgrid'));
  writeFileSync(join(folder, 'package-lock.json'), '{}');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, script: string): void {
  const path = join(folder, 'bin', name);
  rmSync(path, { force: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

const launch = (...args: string[]) =>
  spawnSync(join(folder, 'peftgrid'), args, {
    encoding: 'utf8',
    env: { PATH: join(folder, 'bin') },
    cwd: '/',
  });

const node = (version: string) => program('node', `[ "$1" = --version ] && echo ${version} || echo "ran $*"`);

/** npm that installs and builds by leaving the files that the launcher looks for. */
const goodNpm = () => program('npm', `mkdir -p node_modules dist libs/db/src/generated; echo "$*" >>calls`);

describe('the launcher', () => {
  it('says that Node is missing', () => {
    const { status, stderr } = launch('ls');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^peftgrid: Node.js is missing; install version 20.19/),
    });
  });

  it.each(['v18.20.0', 'v20.9.0', 'v20.18.3', 'v9.0.0'])('refuses Node %s', (version) => {
    node(version);
    const { status, stderr } = launch('ls');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining(`Node.js 20.19 or newer is needed, and this is ${version}`),
    });
  });

  it('says that npm is missing', () => {
    node('v22.1.0');
    expect(launch('ls')).toMatchObject({ status: 1, stderr: expect.stringContaining('npm is missing') });
  });

  it('names a platform that it does not run on', () => {
    node('v22.1.0');
    program('uname', 'echo "SunOS sparc"');
    expect(launch('ls')).toMatchObject({ status: 1, stderr: expect.stringContaining('this is SunOS sparc') });
  });

  it.each([
    ['npm error network ENOTFOUND registry', 'is there a network?'],
    ['npm error ENOSPC: no space left on device', 'the disk is full'],
    ['npm error EINTEGRITY', 'the whole log is'],
  ])('tells why packages could not be installed: %s', (line, told) => {
    node('v22.1.0');
    program('npm', `echo "${line}" >&2; exit 1`);
    expect(launch('ls')).toMatchObject({ status: 1, stderr: expect.stringContaining(told) });
  });

  it('says how much room is missing', () => {
    node('v22.1.0');
    goodNpm();
    program('df', 'printf "Filesystem\\n/dev/x 10 9 1000 99%% /\\n"');
    expect(launch('ls')).toMatchObject({ status: 1, stderr: expect.stringContaining('1 MB are free') });
  });

  it('installs and builds once, then only runs; from anywhere and through a link', () => {
    node('v20.19.4');
    goodNpm();
    mkdirSync(join(folder, 'prisma'));
    writeFileSync(join(folder, 'prisma', 'schema.prisma'), '// tables');
    const first = launch('ls', '--json');
    expect(first).toMatchObject({ status: 0, stdout: `ran ${folder}/dist/apps/cli/src/main.js ls --json\n` });
    symlinkSync('../peftgrid', join(folder, 'bin', 'linked'));
    const second = spawnSync(join(folder, 'bin', 'linked'), ['ls'], {
      encoding: 'utf8',
      env: { PATH: join(folder, 'bin') },
    });
    expect(second).toMatchObject({
      status: 0,
      stderr: '',
      stdout: `ran ${folder}/dist/apps/cli/src/main.js ls\n`,
    });
    const calls = execFileSync('cat', [join(folder, 'calls')], { encoding: 'utf8' })
      .trim()
      .split('\n');
    expect(calls).toEqual([
      'ci --ignore-scripts --no-audit --no-fund',
      'run --silent db:generate',
      'run --silent build',
    ]);
  });

  it.each([
    ['up', true],
    ['demo', true],
    ['test', false],
    ['run', false],
  ])('%s builds the dashboard: %s', (command, builds) => {
    node('v20.19.4');
    goodNpm();
    for (const path of ['prisma', 'apps/dashboard']) mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, 'prisma', 'schema.prisma'), '');
    writeFileSync(join(folder, 'apps', 'dashboard', 'index.html'), '');
    expect(launch(command)).toMatchObject({ status: 0 });
    const calls = readFileSync(join(folder, 'calls'), 'utf8');
    expect(calls.includes('run --silent dashboard')).toBe(builds);
  });

  it('takes over the lock of a process that is gone', () => {
    node('v20.19.4');
    goodNpm();
    mkdirSync(join(folder, 'prisma'));
    writeFileSync(join(folder, 'prisma', 'schema.prisma'), '');
    symlinkSync('999999999', join(folder, '.peftgrid-lock'));
    expect(launch('ls')).toMatchObject({ status: 0 });
    expect(execFileSync('ls', ['-A', folder], { encoding: 'utf8' })).not.toContain('.peftgrid-lock');
  });
});
