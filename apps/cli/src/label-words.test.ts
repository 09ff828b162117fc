import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './root.js';

const home = mkdtempSync(join(tmpdir(), 'label-words-'));
afterAll(() => rmSync(home, { recursive: true }));

/** What `plan` says of a grid whose backbone is a copy of a fixture, made hostile. */
function planned(spoil: (folder: string) => void) {
  const folder = join(home, 'model');
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(root, 'libs/models/src/fixtures/bert'), folder, { recursive: true });
  spoil(folder);
  const rows = Array.from({ length: 60 }, (_, i) => `row ${i},${i % 2 ? 'good' : `${'a'.repeat(40)}b`}`);
  writeFileSync(join(home, 'rows.csv'), ['text,label', ...rows].join('\n'));
  const task = { name: 'file', path: 'rows.csv', input: '{text}', label: 'label' };
  const grid = { name: 'g', backbone: { folder }, task, method: { name: 'lora' } };
  writeFileSync(join(home, 'grid.json'), JSON.stringify(grid));
  const { PEFTGRID_URL: _url, ...own } = process.env;
  const env = { ...own, PEFTGRID_HOME: home };
  const main = join(root, 'dist/apps/cli/src/main.js');
  return spawnSync(process.execPath, [main, 'plan', 'grid.json'], {
    cwd: home,
    env,
    encoding: 'utf8',
    timeout: 60_000,
  });
}

it('ends a tokenizer whose pattern takes years, and names it by knob', () => {
  const { status, stderr } = planned((folder) => {
    const path = join(folder, 'tokenizer.json');
    const json = JSON.parse(readFileSync(path, 'utf8')) as { normalizer: unknown };
    const slow = { type: 'Replace', pattern: { Regex: '(a+)+$' }, content: 'a' };
    writeFileSync(path, JSON.stringify({ ...json, normalizer: slow }));
  });
  expect(stderr).toMatch(/\n {2}grids\[0\]\.backbone\.folder: .*tokenizer\.json took more than 5/);
  expect(status).toBe(1);
}, 90_000);

it('waits for no pipe in the place of config.json', () => {
  const { status, stderr } = planned((folder) => {
    rmSync(join(folder, 'config.json'));
    expect(spawnSync('mkfifo', [join(folder, 'config.json')]).status).toBe(0);
  });
  expect(stderr).toContain('config.json is no file');
  expect(status).toBe(1);
}, 90_000);
