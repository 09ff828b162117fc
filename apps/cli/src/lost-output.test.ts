import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { built } from './root.js';

const cli = built('apps/cli/src/main.js');
const home = mkdtempSync(join(tmpdir(), 'peftgrid-lost-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const full = '/dev/full'; // every write to it fails as on a full disk
const onFull = existsSync(full) ? it : it.skip;

it('doctor says of a home that is a file what is wrong with it', () => {
  const file = join(home, 'file');
  writeFileSync(file, '');
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'doctor'], {
    encoding: 'utf8',
    env: { ...process.env, PEFTGRID_HOME: file },
  });
  expect(status).toBe(1);
  expect(stdout).toContain(`✗ disk      ${file} is not a folder; PEFTGRID_HOME must name one\n`);
  expect(stderr).toBe('');
});

onFull('what was asked for and could not be written is said, and ends with 1', () => {
  const stdio = ['ignore', openSync(full, 'w'), 'pipe'] as const;
  const { status, stderr } = spawnSync(process.execPath, [cli, 'backbones'], {
    encoding: 'utf8',
    stdio: [...stdio],
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^peftgrid: what was asked for could not be written: ENOSPC[^\n]*\n$/);
});

onFull(
  'up goes on where nothing can be written to its stderr',
  async () => {
    const env = { ...process.env, PEFTGRID_HOME: home };
    const up = spawn(process.execPath, [cli, 'up', '--port', '0', '--workers', '0', '--json'], {
      env,
      stdio: ['ignore', 'pipe', openSync(full, 'w')],
    });
    const ended = once(up, 'exit');
    const [line] = (await Promise.race([once(up.stdout!, 'data'), ended.then(() => [''])])) as [
      Buffer | string,
    ];
    expect(String(line)).toMatch(/^\{"url":"http/);
    up.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  },
  120_000,
);
